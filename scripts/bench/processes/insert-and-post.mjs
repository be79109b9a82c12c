/** The limit of latency: a row is written down, then posted; nothing else. */
import { setTimeout as sleep } from 'node:timers/promises'
import { answer, clock } from './answer.mjs'
import { bodyOf, headersOf } from './delivery.mjs'
import { ofServer } from './of-server.mjs'

const CONNECTIONS = 20

const pg = ofServer('pg')
const { Pool } = ofServer('undici')

let database
let http

answer({
  connect: ({ url, port }) => {
    database = new pg.Pool({ connectionString: url, max: CONNECTIONS })
    http = new Pool(`http://127.0.0.1:${port}`, { connections: CONNECTIONS, pipelining: 1, keepAliveTimeout: 60_000 })
  },
  /** One every so often, however long the others take. */
  pace: async ({ rate, milliseconds }) => {
    const one = async (index) => {
      const body = bodyOf(`u${index}`, 1).replace('Where', `@${clock()}@ Where`)
      await database.query({
        name: 'insert',
        text: 'insert into bench_rows (user_id, body, at) values ($1, $2, $3)',
        values: [`u${index}`, body, new Date()],
      })
      const response = await http.request({ path: '/', method: 'POST', headers: headersOf(body, 1), body })
      await response.body.dump()
    }
    const startedAt = clock()
    const all = []
    const total = Math.round((rate * milliseconds) / 1_000)
    while (all.length < total) {
      while (all.length < total && clock() >= startedAt + (all.length * 1_000) / rate) all.push(one(all.length))
      await sleep(1)
    }
    await Promise.all(all)
  },
  disconnect: () => database.end(),
})
