import type { IncomingMessage, ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Outcome } from '../history/history.js'
import type { Misbehaviour } from '../plan/moods.js'
import type { Random } from '../random.js'
import { pourHead, strangeAnswer } from './hostile-answers.js'

/** A later answer may come after its attempt, which takes five seconds. */
const IN_TIME_MS = 3_500

export interface Situation {
  request: IncomingMessage
  response: ServerResponse
  /** Milliseconds since the request was sent. */
  elapsed: () => number
  random: Random
  answer: object
  /** Called when the answer goes out, or the connection is given up. */
  ends: () => void
  /** Called with the bytes of a head without end that were taken. */
  poured: (bytes: number) => void
}

/** Carries out how a receiver behaves towards one request. @returns what came of it */
export async function behave(kind: Misbehaviour | 'well' | 'refusing', situation: Situation): Promise<Outcome> {
  const { request, response, random, ends, poured } = situation
  const { socket } = request
  const failed = () => {
    ends()
    return 'failed' as const
  }
  const json = { 'content-type': 'application/json' }
  switch (kind) {
    case 'well':
      return acknowledge(situation)
    case 'slow':
      await sleep(random.pick([100, 400, 1_500, 3_000, 4_500, 7_000]))
      return acknowledge(situation)
    case 'half_open':
      if (!response.destroyed) await new Promise((resolve) => response.on('close', resolve))
      return failed()
    case 'resetting':
    case 'closed':
      socket.resetAndDestroy()
      return failed()
    case 'garbage':
      socket.end(random.pick(GARBAGE))
      return failed()
    case 'failing':
      return fail(situation, random.pick([500, 502, 503]), '0')
    case 'busy':
      return fail(situation, 429, random.pick(['0', '1', 'soon']))
    case 'lossy':
      await sleep(random.between(0, 50))
      if (random.chance(0.5)) socket.resetAndDestroy()
      else socket.destroy()
      return failed()
    case 'torn':
      response.writeHead(200, { ...json, 'content-length': '1000' })
      response.write('{"success":')
      await sleep(random.between(0, 50))
      socket.destroy()
      return failed()
    case 'unstorable': {
      const { head, body } = strangeAnswer(random)
      return acknowledge(situation, head, body)
    }
    case 'endless_head':
      poured(await pourHead(socket, random))
      return failed()
    case 'trickling':
      response.writeHead(200, json)
      for (; !response.destroyed; await sleep(200)) response.write(' ')
      return failed()
    case 'refusing':
      ends()
      if (random.chance(0.5)) response.writeHead(400).end('{"error":"no such thing here"}')
      else response.writeHead(200).end('{"success":false}')
      return 'refused'
  }
}

const GARBAGE = [
  Buffer.from([0x16, 0x03, 0x01, 0x00, 0xff, 0x00, 0x0a]),
  'HTTP/1.1 200 OK\r\ncontent-length: -5\r\n\r\n',
  `HTTP/1.1 200 OK\r\nx-much: ${'much '.repeat(16_000)}\r\n\r\n`,
  'HTTP/1.1 999 What\r\ncontent-length: 0\r\n\r\n',
  '220 mail.example ESMTP\r\n',
]

async function acknowledge(
  { response, elapsed, answer, ends }: Situation,
  head: Readonly<Record<string, string>> = {},
  body: string | Buffer = JSON.stringify(answer),
): Promise<Outcome> {
  ends()
  if (response.destroyed || response.socket?.destroyed !== false) return 'unsure'
  const inTime = elapsed() < IN_TIME_MS
  response.writeHead(200, { 'content-type': 'application/json', ...head })
  const gone = new Promise<boolean>((resolve) => {
    response.on('finish', () => resolve(false)).on('close', () => resolve(true))
  })
  response.end(body)
  return (await gone) || !inTime ? 'unsure' : 'acknowledged'
}

function fail({ response, ends }: Situation, status: number, retryAfter: string): Outcome {
  ends()
  response.writeHead(status, { 'retry-after': retryAfter }).end()
  return 'failed'
}
