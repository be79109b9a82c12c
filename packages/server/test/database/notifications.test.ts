import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { createDatabase, type TestDatabase } from '@tract/testing/postgres'
import { until } from '@tract/testing/until'
import pg from 'pg'
import { openPool } from '../../src/database/database.js'
import { listen } from '../../src/database/notifications.js'
import { DatabaseProxy } from '../api/support/database-proxy.js'

const QUICKLY = 500

let server: TestDatabase
/** Beside the proxy, and without its haste. */
let database: pg.Pool
let proxy: DatabaseProxy
let pool: pg.Pool

beforeAll(async () => {
  server = await createDatabase()
  database = new pg.Pool({ connectionString: server.url, max: 1 })
  proxy = new DatabaseProxy()
  pool = openPool({ connectionString: await proxy.route(server.url), query_timeout: QUICKLY }, () => {})
})
afterAll(async () => {
  await pool.end()
  await proxy.cut()
  await database.end()
  await server.drop()
})

test.each([
  ['is cut', () => proxy.cut().then(() => proxy.open())],
  ['ends without a word', () => proxy.silence()],
])('a connection that %s is made again, and what was missed is told of', async (_how, lose) => {
  const heard: string[] = []
  let missed = 0
  const listening = await listen(pool, {
    channels: { news: (payload) => heard.push(payload) },
    onMissed: () => missed++,
    onError: () => {},
    pulseMs: QUICKLY,
  })
  await lose()
  await until(() => missed >= 1, 'another connection')
  // a busy machine answers a pulse too late, and loses that connection as well
  await until(async () => {
    await database.query(`notify news, 'later'`)
    return heard.includes('later')
  }, 'the notification')
  expect(heard).toContain('later')
  await listening.close()
})
