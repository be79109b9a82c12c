import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { DatabaseWay } from '@tract/testing/database-way'
import { createDatabase, type TestDatabase } from '@tract/testing/postgres'
import { until } from '@tract/testing/until'
import pg from 'pg'
import { openPool } from '../../src/database/database.js'
import { listen } from '../../src/database/notifications.js'

const QUICKLY = 500

let server: TestDatabase
/** By another way, and without haste. */
let database: pg.Pool
let way: DatabaseWay
let pool: pg.Pool

beforeAll(async () => {
  server = await createDatabase()
  database = new pg.Pool({ connectionString: server.url, max: 1 })
  way = await DatabaseWay.open(() => server.url)
  pool = openPool({ connectionString: way.url, query_timeout: QUICKLY }, () => {})
})
afterAll(async () => {
  await pool.end()
  await way.close()
  await database.end()
  await server.drop()
})

test.each([
  [
    'is cut',
    () => {
      way.turn('cut')
      way.turn('open')
    },
  ],
  ['ends without a word', () => way.vanish()],
])('a connection that %s is made again, and what was missed is told of', async (_how, lose) => {
  const heard: string[] = []
  let missed = 0
  const listening = await listen(pool, {
    channels: { news: (payload) => heard.push(payload) },
    onMissed: () => missed++,
    onError: () => {},
    pulseMs: QUICKLY,
  })
  lose()
  await until(() => missed >= 1, 'another connection')
  // a busy machine answers a pulse too late, and loses that connection as well
  await until(async () => {
    await database.query(`notify news, 'later'`)
    return heard.includes('later')
  }, 'the notification')
  expect(heard).toContain('later')
  await listening.close()
})
