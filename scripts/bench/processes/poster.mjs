/** How the libraries that TRACT is compared with post: as it does, signature and all. */
import { bodyOf, headersOf } from './delivery.mjs'
import { ofServer } from './of-server.mjs'

const { Pool } = ofServer('undici')

export function poster(port, connections) {
  const pool = new Pool(`http://127.0.0.1:${port}`, { connections, pipelining: 1, keepAliveTimeout: 60_000 })
  return async ({ user, sequence }, path) => {
    const body = bodyOf(user, sequence)
    const { statusCode, body: answered } = await pool.request({
      path,
      method: 'POST',
      headers: headersOf(body, sequence),
      body,
    })
    await answered.text()
    if (statusCode !== 200) throw new Error(`the receiver answered ${statusCode}`)
  }
}
