/** Starts that take long: they come up, and stay. Those on busy cores are `.ci/run`'s (scripts/ci/run.mjs). */

import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { createEmptyDatabase, type TestDatabase } from '@tract/testing/postgres'
import pg from 'pg'
import { FarDatabase } from './far-database.js'
import { Starts, tokenStatuses } from './started.js'

const EVERY_CLIENT = { iva: 200, message_delivery: 200, desk: 200 }

let starts: Starts
beforeEach(async () => {
  starts = await Starts.create()
})
afterEach(() => starts.close())

describe('with a database of the operator', () => {
  let database: TestDatabase
  beforeEach(async () => {
    database = await createEmptyDatabase()
  })
  afterEach(() => database.drop())

  test('that is 200 ms away, both ways, a first start and another come up, and no connection of theirs compiles', async () => {
    const far = await FarDatabase.at(database.url, 200)
    const url = `http://localhost:${starts.port}`
    const first = await starts.run({ DATABASE_URL: far.url })
    const written = await starts.demo()
    expect(await tokenStatuses(url, written.listeners)).toEqual(EVERY_CLIENT)
    expect(await tokenStatuses(url, written.sandbox ?? {})).toEqual(EVERY_CLIENT)
    expect(first.said).not.toMatch(/sandbox did not|could not/)
    expect(first.said).toMatch(
      /^Connecting to the database …\n.*Looking whether .*Applying \d+ migrations …\n.*Making what is missing …\n.*TRACT is running/s,
    )
    expect(await first.stop()).toBe(0)
    expect(first.said).toMatch(/TRACT has stopped\.\n$/)

    const client = new pg.Client({ connectionString: database.url })
    await client.connect()
    // as a version leaves them that knows fewer scopes
    await client.query(`update clients set scopes = '{hooks,deliveries}' where organisation_id is not null`)

    const again = await starts.run({ DATABASE_URL: far.url })
    const { rows } = await client.query(
      `select count(*)::int, bool_and(scopes @> '{hooks,deliveries,messages:read}') as can_read from clients where scopes @> '{hooks}'`,
    )
    await client.end()
    expect(rows).toEqual([{ count: 7, can_read: true }])
    // what counted still does, so that nothing that was kept of it is wrong
    expect(await starts.demo()).toEqual(written)
    expect(await tokenStatuses(url, written.sandbox ?? {})).toEqual(EVERY_CLIENT)
    expect(await again.stop()).toBe(0)
    expect(far.firstStatements.length).toBeGreaterThan(10)
    for (const statement of far.firstStatements) expect(statement).toContain("set_config('jit', 'off', false)")
    await far.close()
  })

  test('two that start side by side on an empty database come up, with one demo', async () => {
    const other = await Starts.create()
    try {
      const both = [starts, other].map((each) => each.run({ DATABASE_URL: database.url, TRACT_SECRET_KEY: KEY }))
      const [one, two] = await Promise.all(both)
      const client = new pg.Client({ connectionString: database.url })
      await client.connect()
      const { rows } = await client.query(
        `select (select count(*)::int from organisations) as organisations, (select count(*)::int from listeners) as listeners,
            (select count(*)::int from clients where organisation_id is null) as operators`,
      )
      await client.end()
      expect(rows).toEqual([{ organisations: 2, listeners: 6, operators: 1 }])
      // the sandbox's of both count: those of the earlier for a day more
      for (const each of [starts, other]) {
        const text = await readFile(join(each.dataDir, 'demo.json'), 'utf8').catch(() => '{}')
        const { sandbox = {} } = JSON.parse(text)
        for (const status of Object.values(await tokenStatuses(`http://localhost:${each.port}`, sandbox)))
          expect(status).toBe(200)
      }
      expect(await one?.stop()).toBe(0)
      expect(await two?.stop()).toBe(0)
    } finally {
      await other.close()
    }
  })

  test('one that is killed while it provisions leaves nothing that counts, and the next comes up', async () => {
    await (await starts.run({ DATABASE_URL: database.url })).stop()
    const before = await starts.demo()
    // without the file's secrets there are new ones, which are written before they count
    const client = new pg.Client({ connectionString: database.url })
    await client.connect()
    await client.query('begin; lock table hooks in access exclusive mode')
    await rm(join(starts.dataDir, 'demo.json'))
    const killed = starts.start({ DATABASE_URL: database.url })
    const waiting = `select 1 from pg_locks where not granted and relation = 'hooks'::regclass`
    while ((await client.query(waiting)).rows.length === 0) expect(killed.child.exitCode).toBeNull()
    await killed.stop('SIGKILL')
    await client.query('rollback')
    const hashes = 'select count(*)::int as renewed from clients where previous_secret_hash is not null'
    expect((await client.query(hashes)).rows).toEqual([{ renewed: 0 }])
    await client.end()
    const next = await starts.run({ DATABASE_URL: database.url })
    const statuses = await tokenStatuses(`http://localhost:${starts.port}`, before.sandbox ?? {})
    expect(statuses).toEqual(EVERY_CLIENT)
    await next.stop()
  })

  test('a start answers nobody until all that can fail is done, and can be given up', async () => {
    const client = new pg.Client({ connectionString: database.url })
    await client.connect()
    const first = await starts.run({ DATABASE_URL: database.url })
    await first.stop()
    await client.query('begin; lock table clients in access exclusive mode')
    const started = starts.start({ DATABASE_URL: database.url })
    await started.says('Making what is missing …')
    const answers = await Promise.all(
      ['/healthz', '/readyz', '/tract/auth/token/', '/docs'].map((path) =>
        fetch(`http://localhost:${starts.port}${path}`).then(({ status, headers }) => [
          status,
          headers.get('retry-after'),
        ]),
      ),
    )
    for (const answer of answers) expect(answer).toEqual([503, '2'])
    started.child.kill('SIGINT')
    expect(await started.ended).toBe(0)
    expect(started.said).toMatch(/SIGINT: giving up the start …\nTRACT has stopped\.\n$/)
    await client.end()
  })
})

const KEY = Buffer.alloc(32, 7).toString('base64')
