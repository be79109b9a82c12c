/** A schema of the check's own on the operator's database: nothing else there is touched, and it goes with the check. */
import { randomBytes } from 'node:crypto'
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { migrate } from '../../../packages/server/src/database/migrations/migrate.js'
import { sliceSchemas } from '../../../packages/server/src/database/slices.js'
import { ROOT } from '../command.js'

const MIGRATIONS = join(ROOT, 'prisma/migrations')

/** What migrations are made of. Each statement that is new there should stand here too. */
const LATER_MIGRATION = `
  create type "later_state" as enum ('one', 'other');
  create table "later" ("bucket" smallint not null, "id" uuid not null, "state" "later_state" not null, primary key ("bucket", "id"));
  alter table "users" add column "later" text, add column "latest" timestamptz(3);
  create index "users_later" on "users"("bucket", "later") where (later is not null);
  alter table "users" add constraint "users_later_short" check (length("later") < 10) not valid;
  update "users" set "later" = 'x;y' where "later" is null;
  create view "later_users" as select bucket, user_id, later from users; -- a comment; with a semicolon`

export class OwnSchema {
  private constructor(
    readonly name: string,
    readonly slices: number,
    /** Leads to the schema. */
    readonly url: string,
  ) {}

  static async create(databaseUrl: string, slices: number): Promise<OwnSchema> {
    const name = `tract_check_${randomBytes(4).toString('hex')}`
    const schema = new OwnSchema(name, slices, withPath(databaseUrl, name))
    await schema.query(`create schema ${name}`)
    return schema
  }

  async migrate(): Promise<void> {
    await migrate({ connectionString: this.url }, MIGRATIONS, { slices: this.slices })
  }

  /** The schemas with the tables by bucket. */
  get sliceNames(): string[] {
    const names = sliceSchemas(this.name, this.slices)
    return names.length > 0 ? names : [this.name]
  }

  /** Leads to the first slice, as the service's connections do. */
  get sliceUrl(): string {
    return withPath(this.url, [...new Set([this.sliceNames[0], this.name])].join(','))
  }

  /** Applies one more migration, as that of a later version would be. @returns whether its table is distributed too */
  async migrateLater(): Promise<boolean> {
    const folder = await mkdtemp(join(tmpdir(), 'tract-citus-'))
    try {
      await cp(MIGRATIONS, folder, { recursive: true })
      const later = join(folder, '99999999999999_later')
      await mkdir(later)
      await writeFile(join(later, 'migration.sql'), LATER_MIGRATION)
      await migrate({ connectionString: this.url }, folder, { slices: this.slices })
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
    const names = this.sliceNames.map((name) => `${name}.later`)
    const shards = await this.query('select from citus_shards where table_name = any($1::regclass[])', [names])
    return shards.rowCount === this.slices
  }

  /** Leads to the first slice by the node that has it. */
  async urlOfNode(): Promise<string> {
    const { host, port } = await this.node()
    const url = new URL(this.sliceUrl)
    url.hostname = host
    url.port = port
    return url.toString()
  }

  /** The node that has the first slice. */
  async node(): Promise<{ host: string; port: string }> {
    const { rows } = await this.query(
      'select nodename as host, nodeport::text as port from citus_shards where table_name = $1::regclass',
      [`${this.sliceNames[0]}.users`],
    )
    return rows[0]
  }

  /** Moves the first slice to another node. */
  async moveFirst(): Promise<void> {
    const { host, port } = await this.node()
    const { rowCount } = await this.query(
      `select citus_schema_move(quote_ident($1)::regnamespace, nodename, nodeport) from (
        select nodename, nodeport from pg_dist_node where shouldhaveshards and isactive and (nodename, nodeport) <> ($2, $3::int) limit 1
      ) n`,
      [this.sliceNames[0], host, port],
    )
    if (rowCount !== 1) throw new Error('There is no other node.')
  }

  /** Of what is counted in each slice, the sum. */
  async count(text: string): Promise<number> {
    let sum = 0
    for (const slice of this.sliceNames) sum += (await this.query(text, [], slice)).rows[0].count
    return sum
  }

  /** The nodes that slices lie on. */
  async nodes(): Promise<number> {
    const names = this.sliceNames.map((name) => `${name}.users`)
    const { rows } = await this.query(
      `select count(distinct (nodename, nodeport))::int from citus_shards where table_name = any($1::regclass[])`,
      [names],
    )
    return rows[0].count
  }

  /** On a connection of its own: one that has met a stopped node fails again. */
  async query(text: string, values?: unknown[], slice = this.name): Promise<pg.QueryResult> {
    const client = new pg.Client({ connectionString: withPath(this.url, slice) })
    // a lost server shows in the statement
    client.on('error', () => {})
    try {
      await client.connect()
      return await client.query(text, values)
    } finally {
      await client.end().catch(() => {})
    }
  }

  async drop(): Promise<void> {
    for (const name of new Set([...this.sliceNames, this.name]))
      await this.query(`drop schema if exists ${name} cascade`)
  }
}

function withPath(databaseUrl: string, path: string): string {
  const url = new URL(databaseUrl)
  url.searchParams.set('options', `-c search_path=${path}`)
  return url.toString()
}
