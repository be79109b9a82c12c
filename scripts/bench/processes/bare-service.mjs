/** Answers as the service does, and does nothing else: a call costs its caller alone. */
import { createServer } from 'node:http'
import { answer } from './answer.mjs'
import { PATH, TOKEN } from './call-clients.mjs'

const ACCEPTED = JSON.stringify({ message_id: 17, conversation_number: '3', timestamp: '2026-11-22T09:30:00.000Z' })
const ISSUED = JSON.stringify({ access_token: TOKEN, token_type: 'Bearer', expires_in: 900, scope: 'messages:write' })
const HEADERS = {
  'content-type': 'application/json; charset=utf-8',
  'x-request-id': '0192f3a1-5b7e-7c00-8a44-3f1d2c9b7e10',
  'ratelimit-limit': '6000',
  'ratelimit-remaining': '5999',
  'ratelimit-reset': '60',
}

const server = createServer((request, response) => {
  const { authorization, 'idempotency-key': key } = request.headers
  const text = request.url !== PATH ? ISSUED : authorization === `Bearer ${TOKEN}` && key ? ACCEPTED : undefined
  request.resume()
  request.on('end', () => {
    response.writeHead(text === undefined ? 401 : 200, { ...HEADERS, 'content-length': text?.length ?? 0 }).end(text)
  })
})
// Longer than the pauses between rounds: no turn begins with a closed connection.
server.keepAliveTimeout = 600_000

answer({
  start: () => new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server.address().port))),
})
