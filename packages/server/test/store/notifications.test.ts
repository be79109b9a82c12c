import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type pg from 'pg'
import { openPool } from '../../src/store/database.js'
import { listen } from '../../src/store/notifications.js'
import { DatabaseProxy } from '../http/database-proxy.js'
import { createDatabase, type TestDatabase } from '../support/postgres.js'
import { until } from '../support/service.js'

const QUICKLY = 100

let database: TestDatabase
let proxy: DatabaseProxy
let pool: pg.Pool

beforeAll(async () => {
  database = await createDatabase()
  proxy = new DatabaseProxy()
  pool = openPool({ connectionString: await proxy.route(database.url), query_timeout: QUICKLY }, () => {})
})
afterAll(async () => {
  await pool.end()
  await proxy.cut()
  await database.drop()
})

test.each([
  ['is cut', () => proxy.cut().then(() => proxy.open())],
  ['ends without a word', () => proxy.silence()],
])('a connection that %s is made again, and what was missed is told of', async (_how, lose) => {
  const heard: string[] = []
  let gaps = 0
  const listening = await listen(pool, {
    channels: { news: (payload) => heard.push(payload) },
    onGap: () => gaps++,
    onError: () => {},
    pulseMs: QUICKLY,
  })
  await lose()
  await until(() => gaps === 1, 'another connection')
  await pool.query(`notify news, 'later'`)
  await until(() => heard.includes('later'), 'the notification')
  await listening.close()
})
