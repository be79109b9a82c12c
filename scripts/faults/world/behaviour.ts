import type { IncomingMessage, ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Outcome } from '../history/history.js'
import type { Misbehaviour } from '../plan/moods.js'
import type { Random } from '../random.js'
import { pourHead, strangeAnswer } from './hostile-answers.js'

/** An answer that comes later than this may find nobody any more: an attempt takes five seconds. */
const IN_TIME_MS = 3_500

export interface Situation {
  request: IncomingMessage
  response: ServerResponse
  /** Milliseconds since the request came. */
  elapsed: () => number
  random: Random
  answer: object
  /** To be called when the answer goes out, or the connection is given up. */
  ends: () => void
  /** To be called with how much of a head without end was taken. */
  poured: (bytes: number) => void
}

/** Carries out how a receiver behaves towards one request, and tells what came of it. */
export async function behave(kind: Misbehaviour | 'well' | 'refusing', situation: Situation): Promise<Outcome> {
  const { request, response, random, ends, poured } = situation
  const { socket } = request
  switch (kind) {
    case 'well':
      return acknowledge(situation)
    case 'slow':
      await sleep(random.pick([100, 400, 1_500, 3_000, 4_500, 7_000]))
      return acknowledge(situation)
    case 'half_open':
      await closed(response)
      ends()
      return 'failed'
    case 'resetting':
    case 'closed':
      ends()
      socket.resetAndDestroy()
      return 'failed'
    case 'garbage':
      ends()
      socket.end(random.pick(GARBAGE))
      return 'failed'
    case 'failing':
      return fail(situation, random.pick([500, 502, 503]), '0')
    case 'busy':
      return fail(situation, 429, random.pick(['0', '1', 'soon']))
    case 'lossy':
      await sleep(random.between(0, 50))
      ends()
      if (random.chance(0.5)) socket.resetAndDestroy()
      else socket.destroy()
      return 'failed'
    case 'torn':
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' })
      response.write('{"success":')
      await sleep(random.between(0, 50))
      ends()
      socket.destroy()
      return 'failed'
    case 'unstorable': {
      const { head, body } = strangeAnswer(random)
      return acknowledge(situation, head, body)
    }
    case 'endless_head': {
      poured(await pourHead(socket, random))
      ends()
      return 'failed'
    }
    case 'trickling':
      response.writeHead(200, { 'content-type': 'application/json' })
      while (!response.destroyed) {
        response.write(' ')
        await sleep(200)
      }
      ends()
      return 'failed'
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

function closed(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    if (response.destroyed) resolve()
    else response.on('close', resolve)
  })
}
