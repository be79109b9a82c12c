/** Starts that take long: they come up, and stay. Those on busy cores are `.ci/run`'s (scripts/ci/run.mjs). */

import { readFile, rm } from 'node:fs/promises'
import type { Socket } from 'node:net'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { DatabaseWay } from '@tract/testing/database-way'
import { createEmptyDatabase, type TestDatabase } from '@tract/testing/postgres'
import { Stored } from '@tract/testing/stored'
import { Starts, tokenStatuses } from './started.js'

const EVERY_CLIENT = { iva: 200, message_delivery: 200, desk: 200 }

let starts: Starts
beforeEach(async () => {
  starts = await Starts.create()
})
afterEach(() => starts.close())

describe('with a database of the operator', () => {
  let database: TestDatabase
  let stored: Stored
  beforeEach(async () => {
    database = await createEmptyDatabase()
    stored = new Stored(database.url)
  })
  afterEach(async () => {
    await stored.close()
    await database.drop()
  })

  test('that is 200 ms away, both ways, a first start and another come up, and no connection of theirs compiles', async () => {
    const firstStatements: string[] = []
    // a simple query is a `Q`, its length, and its text; a prepared one begins with a `P`
    const noteFirst = (near: Socket) => {
      const look = (chunk: Buffer) => {
        if (!['Q', 'P'].includes(String.fromCharCode(chunk[0] ?? 0))) return
        firstStatements.push(chunk.toString('utf8', 5))
        near.off('data', look)
      }
      near.on('data', look)
    }
    const far = await DatabaseWay.open(() => database.url, { lateMs: 200, onConnection: noteFirst })
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

    // as a version leaves them that knows fewer scopes
    await stored.pool.query(`update clients set scopes = '{hooks,deliveries}' where organisation_id is not null`)

    const again = await starts.run({ DATABASE_URL: far.url })
    const { rows } = await stored.pool.query(
      `select count(*)::int, bool_and(scopes @> '{hooks,deliveries,messages:read}') as can_read from clients where scopes @> '{hooks}'`,
    )
    expect(rows).toEqual([{ count: 7, can_read: true }])
    // what counted still does, so that nothing that was kept of it is wrong
    expect(await starts.demo()).toEqual(written)
    expect(await tokenStatuses(url, written.sandbox ?? {})).toEqual(EVERY_CLIENT)
    expect(await again.stop()).toBe(0)
    expect(firstStatements.length).toBeGreaterThan(10)
    for (const statement of firstStatements) expect(statement).toContain("set_config('jit', 'off', false)")
    await far.close()
  })

  test('two that start side by side on an empty database come up, with one demo', async () => {
    const other = await Starts.create()
    try {
      const both = [starts, other].map((each) => each.run({ DATABASE_URL: database.url, TRACT_SECRET_KEY: KEY }))
      const [one, two] = await Promise.all(both)
      expect(await stored.count('organisations')).toBe(2)
      expect(await stored.count('listeners')).toBe(6)
      expect(await stored.count('clients', { organisation_id: null })).toBe(1)
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
    const lock = await stored.lock('hooks')
    await rm(join(starts.dataDir, 'demo.json'))
    const killed = starts.start({ DATABASE_URL: database.url })
    while (!(await lock.waiting())) expect(killed.child.exitCode).toBeNull()
    await killed.stop('SIGKILL')
    await lock.release()
    const clients = await stored.rows('clients')
    expect(clients.filter(({ previous_secret_hash }) => previous_secret_hash !== null)).toEqual([])
    const next = await starts.run({ DATABASE_URL: database.url })
    const statuses = await tokenStatuses(`http://localhost:${starts.port}`, before.sandbox ?? {})
    expect(statuses).toEqual(EVERY_CLIENT)
    await next.stop()
  })

  test('a start answers nobody until all that can fail is done, and can be given up', async () => {
    const first = await starts.run({ DATABASE_URL: database.url })
    await first.stop()
    const lock = await stored.lock('clients')
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
    await lock.release()
  })
})

const KEY = Buffer.alloc(32, 7).toString('base64')
