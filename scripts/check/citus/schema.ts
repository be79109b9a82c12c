/** A schema of the check's own on the operator's database: nothing else there is touched, and it goes with the check. */
import { randomBytes } from 'node:crypto'
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { migrate } from '../../../packages/server/src/database/migrate.js'
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
    /** Leads to the schema. */
    readonly url: string,
  ) {}

  static async create(databaseUrl: string): Promise<OwnSchema> {
    const name = `tract_check_${randomBytes(4).toString('hex')}`
    const url = new URL(databaseUrl)
    url.searchParams.set('options', `-c search_path=${name}`)
    const schema = new OwnSchema(name, url.toString())
    await schema.query(`create schema ${name}`)
    return schema
  }

  async migrate(): Promise<void> {
    await migrate({ connectionString: this.url }, MIGRATIONS)
  }

  /** Applies one more migration, as that of a later version would be. @returns whether its table is distributed too */
  async migrateLater(): Promise<boolean> {
    const folder = await mkdtemp(join(tmpdir(), 'tract-citus-'))
    try {
      await cp(MIGRATIONS, folder, { recursive: true })
      const later = join(folder, '99999999999999_later')
      await mkdir(later)
      await writeFile(join(later, 'migration.sql'), LATER_MIGRATION)
      await migrate({ connectionString: this.url }, folder)
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
    return (await this.query("select from citus_shards where table_name = 'later'::regclass")).rowCount === 1
  }

  /** Leads to the schema by the node that has it. */
  async urlOfNode(): Promise<string> {
    const { rows } = await this.query(
      "select nodename, nodeport from citus_shards where table_name = 'users'::regclass",
    )
    const url = new URL(this.url)
    url.hostname = rows[0].nodename
    url.port = rows[0].nodeport
    return url.toString()
  }

  /** On a connection of its own: one that has met a stopped node fails again. */
  async query(text: string, values?: unknown[]): Promise<pg.QueryResult> {
    const client = new pg.Client({ connectionString: this.url })
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
    await this.query(`drop schema ${this.name} cascade`)
  }
}
