/** A delivery as TRACT sends it: the same body, as many headers, signed. */
import { built, ofServer } from './of-server.mjs'

const { sign } = await built('deliver/send/signing')
const { Pool } = ofServer('undici')

const ID = '019412a1-7c3e-7d7a-9b1f-3a4c5d6e7f80'
const SECRETS = [Buffer.alloc(32, 7)]
const TRACEPARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00'
const TEXT = 'Where is my order? It was to come on Monday, and the page still says that it is being packed.'

export const bodyOf = (user, sequence) =>
  `{"user_id":"${user}","conversation_number":"1","message_body":{"text":"${TEXT}","type":"TEXT","data":{"quick_replies":[]}},"sender":"ceu","message_id":${sequence},"timestamp":"2026-11-22T10:00:00.000Z","listener":"message_delivery","in_control":true}`

const headersOf = (body, sequence) => {
  const timestamp = Math.floor(Date.now() / 1_000)
  return {
    'content-type': 'application/json',
    'user-agent': 'bench/1.0.0',
    'webhook-id': ID,
    'webhook-timestamp': String(timestamp),
    'webhook-signature': sign(SECRETS, ID, timestamp, Buffer.from(body)),
    'tract-attempt': '1',
    traceparent: TRACEPARENT,
    'tract-sequence': String(sequence),
    'tract-previous-id': ID,
  }
}

/** @returns what posts a body, and throws where the answer is not 200 */
export function poster(port, connections) {
  const pool = new Pool(`http://127.0.0.1:${port}`, { connections, pipelining: 1, keepAliveTimeout: 60_000 })
  return async (body, sequence, path = '/') => {
    const call = { path, method: 'POST', headers: headersOf(body, sequence), body }
    const { statusCode, body: answered } = await pool.request(call)
    await answered.dump()
    if (statusCode !== 200) throw new Error(`the receiver answered ${statusCode}`)
  }
}
