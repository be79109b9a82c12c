/** A database as a release left it, for the start of a later version on it. */
import { readFile } from 'node:fs/promises'
import { createEmptyDatabase, type TestDatabase } from '@tract/testing/postgres'
import pg from 'pg'

export const RELEASED = {
  dump: new URL('released-1.0.0-alpha.1.sql', import.meta.url),
  /** When the dump was made. */
  at: '2026-11-30T01:18:40Z',
  secretKey: Buffer.from('the key of a released version :-').toString('base64'),
  listeners: {
    iva: {
      client_id: '01a22a07-dac9-7131-a6b9-22c9767223d9',
      client_secret: 'NtOqa1CDWSiaBHiozAg-RY9QVdYWqSZcTl4osQTcRYg',
    },
    desk: {
      client_id: '01a22a07-db11-7666-b1a1-109902ce8088',
      client_secret: 'cDoh2f5iq-7O8Lf5SFHWxs0cH2A3DbrUlfcOsrwwR2Q',
    },
  },
  hook: { id: '01a22a08-2a69-73c9-92e7-37d680a8579c', secret: 'whsec_olWta1icZZZbGbeYBKyArdAWfoNhQILZoYgR+Dq0vng=' },
  /** Of the user whose messages waited. */
  user: 'asha',
}

/** Every time of the rows is moved on, as if that release had been stopped a moment ago. */
const MOVE_ON = `
do $$
declare place record;
begin
  for place in select table_name, column_name
               from information_schema.columns join information_schema.tables using (table_schema, table_name)
               where table_schema = 'public' and table_type = 'BASE TABLE' and data_type = 'timestamp with time zone' loop
    execute format('update public.%I set %I = %I + (now() - timestamptz ''${RELEASED.at}'')',
                   place.table_name, place.column_name, place.column_name);
  end loop;
end $$`

export async function releasedDatabase(): Promise<TestDatabase> {
  const database = await createEmptyDatabase()
  const client = new pg.Client(database.url)
  await client.connect()
  try {
    await client.query(await readFile(RELEASED.dump, 'utf8'))
    await client.query(MOVE_ON)
  } finally {
    await client.end()
  }
  return database
}
