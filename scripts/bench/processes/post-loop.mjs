/** The limit of delivering: the same POSTs, signed, from a loop that has nothing to look up and nothing to write down. */
import { answer, clock } from './answer.mjs'
import { bodyOf, headersOf } from './delivery.mjs'
import { ofServer } from './of-server.mjs'

const { Pool } = ofServer('undici')

let pool

answer({
  connect: ({ port, connections }) => {
    pool = new Pool(`http://127.0.0.1:${port}`, { connections, pipelining: 1, keepAliveTimeout: 60_000 })
  },
  /** So many POSTs, as many at once as there are connections. Answers how many milliseconds they took. */
  run: async ({ deliveries, connections }) => {
    const startedAt = clock()
    let next = 0
    await Promise.all(
      Array.from({ length: connections }, async () => {
        while (next < deliveries) {
          const index = next++
          const body = bodyOf(`u${index % 1_000}`, Math.floor(index / 1_000) + 1)
          const { statusCode, body: answered } = await pool.request({
            path: '/',
            method: 'POST',
            headers: headersOf(body, Math.floor(index / 1_000) + 1),
            body,
          })
          await answered.dump()
          if (statusCode !== 200) throw new Error(`the receiver answered ${statusCode}`)
        }
      }),
    )
    return clock() - startedAt
  },
})
