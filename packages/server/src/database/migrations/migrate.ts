/**
 * Applies prisma/migrations at start: forward only, and each once, also if several processes start together. The
 * bookkeeping is Prisma's (`_prisma_migrations`, its lock number, its checksums), so that the stock CLI accepts the
 * database.
 */
import { createHash, randomUUID } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type pg from 'pg'
import { type CitusSchema, citusSchemaOf, distribute, lackOfCitus, statementsOf } from '../citus.js'
import type { ServiceClient } from '../connections.js'
import { connectAlone } from '../database.js'
import { whileLocked } from '../locks.js'
import type { Way } from '../ways.js'
import { executeIn, keepOwnBuckets, type Layout, layoutOf, makeSchemas, newLayout, seeFirst } from './layout.js'
import { olderProcessesGone } from './older-processes.js'

const OLDEST_SERVER = 140_000
const PRISMA_LOCK = 72_707_369

interface Migration {
  name: string
  sql: string
  checksum: string
}

interface AppliedMigration {
  migration_name: string
  checksum: string
  finished_at: Date | null
  logs: string | null
}

/** The database does not fit this version of the service, or a migration failed and changed nothing. */
export class MigrationError extends Error {
  override name = 'MigrationError'
}

/** Brings the database up to date. @returns the names of the migrations that were applied */
export async function migrate(connection: Way, directory: string, options: MigrationOptions = {}): Promise<string[]> {
  const client = await connectAlone(connection)
  try {
    return await migrateOn(client, directory, options)
  } finally {
    await client.end()
  }
}

/** What is told while it goes on. */
export interface MigrationNews {
  /** What is about to be applied. */
  onPending?: (names: string[]) => void
  /** How many processes of an older version have to stop first. */
  onWaiting?: (processes: number) => void
  /** Which other process is at it, and is waited for. */
  onLocked?: (text: string) => void
}

export interface MigrationOptions extends MigrationNews {
  /** How many slices the database is to have; null: as many as it has, or one. */
  slices?: number | null
}

/** Migrates on the caller's connection. */
export async function migrateOn(
  client: ServiceClient,
  directory: string,
  { onPending = () => {}, onWaiting = () => {}, onLocked, slices = null }: MigrationOptions = {},
): Promise<string[]> {
  const known = readMigrations(directory)
  await refuseOldServer(client)
  const work = async () => {
    const layout = await wantedLayout(client, slices)
    const citus = await suitedCitus(client, layout)
    const pending = findPending(known, await readApplied(client))
    const names = pending.map(({ name }) => name)
    const leave = await seeFirst(client, layout)
    await olderProcessesGone(client, names, onWaiting)
    await leave()
    if (names.length > 0) onPending(names)
    for (const migration of pending) await apply(client, migration, layout, citus?.isDistributed)
    if (citus) await distribute(client, citus, layout)
    return names
  }
  return whileLocked(client, PRISMA_LOCK, work, onLocked)
}

function readMigrations(directory: string): Migration[] {
  return readdirSync(directory)
    .sort()
    .map((name) => ({ name, file: join(directory, name, 'migration.sql') }))
    .filter(({ file }) => existsSync(file))
    .map(({ name, file }) => {
      const sql = readFileSync(file, 'utf8')
      return { name, sql, checksum: createHash('sha256').update(sql).digest('hex') }
    })
}

async function refuseOldServer(client: pg.Client): Promise<void> {
  const { rows } = await client.query(`SELECT current_setting('server_version_num')::int AS number, version()`)
  if (rows[0].number < OLDEST_SERVER) {
    throw new MigrationError(`PostgreSQL 14 or newer is needed, and the database is ${rows[0].version}.`)
  }
}

/** Slices are never made of others: a database keeps as many as it has. */
async function wantedLayout(client: pg.Client, wanted: number | null): Promise<Layout> {
  const layout = await layoutOf(client)
  if (layout === null) return newLayout(client, wanted ?? 1)
  const slices = Math.max(1, layout.slices.length)
  if (wanted !== null && wanted !== slices)
    throw new MigrationError(
      `TRACT_SLICES is ${wanted}, and the database has ${slices} since its first start: it keeps them. Set that, or nothing.`,
    )
  return layout
}

async function suitedCitus(client: pg.Client, layout: Layout): Promise<CitusSchema | null> {
  const citus = await citusSchemaOf(client, layout)
  const lack = citus && (await lackOfCitus(client, citus))
  if (lack) throw new MigrationError(lack)
  return citus
}

/** Creates the table only if it is missing: a role without that right can start on a database that is up to date. */
async function readApplied(client: pg.Client): Promise<AppliedMigration[]> {
  const { rows } = await client.query("SELECT to_regclass('_prisma_migrations') IS NULL AS missing")
  if (rows[0].missing) {
    await client.query(
      `CREATE TABLE _prisma_migrations (
        id VARCHAR(36) PRIMARY KEY NOT NULL,
        checksum VARCHAR(64) NOT NULL,
        finished_at TIMESTAMPTZ,
        migration_name VARCHAR(255) NOT NULL,
        logs TEXT,
        rolled_back_at TIMESTAMPTZ,
        started_at TIMESTAMPTZ NOT NULL DEFAULT now(),
        applied_steps_count INTEGER NOT NULL DEFAULT 0
      )`,
    )
  }
  const applied = await client.query<AppliedMigration>(
    'SELECT migration_name, checksum, finished_at, logs FROM _prisma_migrations WHERE rolled_back_at IS NULL',
  )
  return applied.rows
}

function findPending(known: Migration[], applied: AppliedMigration[]): Migration[] {
  for (const { migration_name: name, checksum, finished_at, logs } of applied) {
    const migration = known.find((one) => one.name === name)
    if (!migration) {
      throw new MigrationError(
        `The database has the migration ${name}, which this version does not know: it was used by a newer version. ` +
          'Start that one, or restore a dump from before.',
      )
    }
    if (finished_at === null) {
      throw new MigrationError(
        `The migration ${name} was begun by other means than this service and did not finish${logs ? ` (${logs})` : ''}. ` +
          'See what it left, then tell with "prisma migrate resolve".',
      )
    }
    if (migration.checksum !== checksum) {
      throw new MigrationError(
        `The migration ${name} was edited after this database took it. Bring the file back, and put the change into a new migration.`,
      )
    }
  }
  return known.filter(({ name }) => !applied.some((one) => one.migration_name === name))
}

const BEGIN = 'BEGIN;'

/** The migration and its record in one transaction. */
async function apply(
  client: pg.Client,
  { name, sql, checksum }: Migration,
  layout: Layout,
  isDistributed = false,
): Promise<void> {
  const started = new Date()
  const isSliced = layout.slices.length > 0
  try {
    if (isSliced) {
      await client.query('BEGIN')
      await makeSchemas(client, layout)
      for (const statement of statementsOf(sql)) await executeIn(client, layout, statement)
      await keepOwnBuckets(client, layout)
    } else if (isDistributed) for (const statement of ['BEGIN', ...statementsOf(sql)]) await client.query(statement)
    // at once: to a far database each statement is a journey
    else await client.query(BEGIN + sql)
    await client.query(
      `INSERT INTO _prisma_migrations (id, checksum, migration_name, started_at, finished_at, applied_steps_count)
       VALUES ($1, $2, $3, $4, clock_timestamp(), 1)`,
      [randomUUID(), checksum, name, started],
    )
    await client.query('COMMIT')
  } catch (error) {
    await client.query('ROLLBACK').catch(() => {})
    const { message, position } = error as { message: string; position?: string }
    const where =
      position && !isDistributed && !isSliced
        ? `, line ${sql.slice(0, Number(position) - BEGIN.length).split('\n').length}`
        : ''
    throw new MigrationError(`The migration ${name} failed and changed nothing${where}: ${message}`, { cause: error })
  }
}
