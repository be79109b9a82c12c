import { randomBytes, randomUUID } from 'node:crypto'
import { createDatabase, type TestDatabase } from '@tract/testing/postgres'
import { Stored } from '@tract/testing/stored'
import type pg from 'pg'
import { v7 as uuidv7 } from 'uuid'
import { enqueue } from '../../src/accept/enqueue.js'
import { transaction } from '../../src/database/database.js'
import type { Queryable } from '../../src/database/queryable.js'
import { Dispatcher } from '../../src/deliver/dispatcher.js'
import { openDispatcherPool } from '../../src/deliver/dispatcher-pool.js'
import type { Hook, HookDirectory } from '../../src/deliver/hook-directory.js'
import type { DeliveryObserver } from '../../src/deliver/observer.js'
import type { DeliveryLog, DeliveryReports } from '../../src/deliver/reports.js'
import { Sender } from '../../src/deliver/send/sender.js'
import type { DeliverySettings } from '../../src/deliver/settings.js'
import { bucketOf } from '../../src/lanes/bucket.js'
import type { EnqueueItem } from '../../src/lanes/lanes.js'
import { Wakeups } from '../../src/lanes/wakeups.js'
import { LOOPBACK, PATIENT_LEASE, PATIENT_TIMEOUT_MS, QUICK } from './quick-settings.js'

export const MESSAGE = { category: 'message', subcategory: 'receive' }

/** Hooks in memory, as the caller of the engine gives them. */
class Hooks implements HookDirectory {
  readonly #hooks = new Map<string, Hook>()

  set(listener: string, hook: Partial<Hook> & { url: string }, { category, subcategory } = MESSAGE): Hook {
    const stored: Hook = { id: uuidv7(), status: 'active', secrets: [randomBytes(32)], ...hook }
    this.#hooks.set(`${listener} ${category} ${subcategory}`, stored)
    return stored
  }

  remove(listener: string, { category, subcategory } = MESSAGE): void {
    this.#hooks.delete(`${listener} ${category} ${subcategory}`)
  }

  async find(_organisationId: string, listener: string, category: string, subcategory: string): Promise<Hook | null> {
    return this.#hooks.get(`${listener} ${category} ${subcategory}`) ?? null
  }
}

export type NewDelivery = { listener: string; body?: string } & Partial<EnqueueItem>

interface Attempt {
  user_id: string
  number: number
  status: number | null
  error: string | null
  answer: string | null
}

/** An organisation with a database of its own, and the dispatchers that a test starts on it. */
export class Engine {
  readonly database: TestDatabase
  readonly stored: Stored
  readonly organisationId = randomUUID()
  readonly hooks = new Hooks()
  readonly #closing: Array<() => Promise<unknown>> = []

  private constructor(database: TestDatabase) {
    this.database = database
    this.stored = new Stored(database.url)
  }

  get pool(): pg.Pool {
    return this.stored.pool
  }

  static async create(): Promise<Engine> {
    return new Engine(await createDatabase())
  }

  /** Starts a dispatcher with connections of its own, as a process of its own would have. */
  async dispatcher({
    settings = {},
    reports = {},
    timeoutMs = PATIENT_TIMEOUT_MS,
    hooks = this.hooks,
    through = (pool) => pool,
    log,
    observer,
  }: {
    settings?: Partial<DeliverySettings>
    reports?: DeliveryReports
    timeoutMs?: number
    hooks?: HookDirectory
    /** What its statements pass through on their way to the pool. */
    through?: (pool: pg.Pool) => Queryable
    log?: DeliveryLog
    observer?: DeliveryObserver
  } = {}): Promise<{
    dispatcher: Dispatcher
    wakeups: Wakeups
    sender: Sender
    pool: pg.Pool
    stop(ms?: number): Promise<void>
  }> {
    const pool = openDispatcherPool({ connectionString: this.database.url }, () => {})
    const wakeups = new Wakeups(pool, () => {})
    const sender = new Sender({ version: '1.2.3', egress: LOOPBACK, timeoutMs })
    const dispatcher = new Dispatcher({
      db: through(pool),
      wakeups,
      hooks,
      sender,
      reports,
      settings: { ...QUICK, ...PATIENT_LEASE, ...settings },
      ...(log && { log }),
      ...(observer && { observer }),
    })
    await dispatcher.start()
    let stopped: Promise<void> | undefined
    const stop = (ms?: number) => {
      stopped ??= (async () => {
        await dispatcher.stop(ms)
        await sender.close()
        await pool.end()
      })()
      return stopped
    }
    this.#closing.push(stop)
    return { dispatcher, wakeups, sender, pool, stop }
  }

  key(userId: string) {
    return { bucket: bucketOf(this.organisationId, userId), organisationId: this.organisationId, userId }
  }

  /** One accepting transaction, without a notification. */
  async enqueue(userId: string, deliveries: NewDelivery[], now = new Date()): Promise<EnqueueItem[]> {
    const items = deliveries.map((delivery) => ({ id: uuidv7(), ...MESSAGE, body: '{}', ...delivery }))
    await transaction(this.pool, (db) => enqueue(db, now, [{ ...this.key(userId), items }]))
    return items
  }

  /** Empties the tables of deliveries, and others by name. */
  async clear(...also: string[]): Promise<void> {
    await this.stored.empty('lanes', 'deliveries', 'delivery_ends', 'attempts', ...also)
  }

  /** Resolves when nothing is pending. */
  delivered(): Promise<void> {
    return this.stored.delivered()
  }

  /** How many deliveries are in which state. */
  async states(): Promise<Record<string, number>> {
    const { rows } = await this.pool.query('select state, count(*)::int from wire_deliveries group by state')
    return Object.fromEntries(rows.map(({ state, count }) => [state, count]))
  }

  /** The deliveries of attempts that failed in the sender's eyes. */
  async failed(): Promise<string[]> {
    const attempts = await this.stored.rows('attempts')
    return attempts.filter(({ error }) => error !== null).map(({ delivery_id }) => delivery_id)
  }

  /** The attempts at every delivery, in its user's order. */
  async attempts(): Promise<Attempt[]> {
    const { rows } = await this.pool.query<Attempt>(
      `select d.user_id, a.number, a.status, a.error, a.answer from wire_attempts a join deliveries d on d.id = a.delivery_id
        order by d.user_id, d.sequence, a.number`,
    )
    return rows
  }

  /** What the lanes of a user have is over; without one, what every lane has. */
  async passLanes(userId?: string): Promise<void> {
    await this.pool.query('update lanes set head = tail where user_id = coalesce($1, user_id)', [userId])
  }

  /** These deliveries are undeliverable. */
  async giveUp(...items: (EnqueueItem | undefined)[]): Promise<void> {
    const text = `insert into delivery_ends select bucket, organisation_id, id, 'undeliverable', now() from deliveries where id = any($1)`
    await this.pool.query(text, [items.map((item) => item?.id)])
  }

  /** Stops every dispatcher that was started. */
  async stopAll(): Promise<void> {
    await Promise.all(this.#closing.splice(0).map((stop) => stop()))
  }

  async close(): Promise<void> {
    await this.stopAll()
    await this.stored.close()
    await this.database.drop()
  }
}
