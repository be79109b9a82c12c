/** How exports end, over real connections. What they hold is in `finding-deliveries`. */
import { once } from 'node:events'
import { createServer, get, type IncomingMessage, type Server } from 'node:http'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { listen, stop } from '@tract/testing/listen'
import { until } from '@tract/testing/until'
import { Exports } from '../../src/api/exports/exports.js'
import type { Access } from '../../src/authentication/token-verifier.js'

interface Row {
  id: string
}

const PAGE: readonly Row[] = Array.from({ length: 200 }, () => ({ id: 'x'.repeat(1_000) }))

let server: Server
let port: number
let counts: boolean
let exports: Exports
/** Pages that are read, of all exports together. */
let read: number
let mayRead: () => boolean
const ended: unknown[] = []

/** Rows without an end. */
async function* pages(): AsyncGenerator<readonly Row[]> {
  for (;;) {
    read++
    yield PAGE
    await until(() => mayRead(), 'leave to read on')
  }
}

const serve = (idleMs?: number) => {
  exports = new Exports({ counts: () => counts }, idleMs)
}

beforeEach(async () => {
  counts = true
  read = 0
  mayRead = () => true
  ended.length = 0
  serve()
  server = createServer((_request, response) => {
    const call = { access: {} as Access, takeOver: () => response }
    void exports
      .send(call, { name: 'rows', columns: [['id', ({ id }: Row) => id]], pages: pages() })
      .catch((error: unknown) => {
        response.writeHead(429).end()
        return error
      })
      .then((end) => ended.push(end))
  })
  port = await listen(server)
})
afterEach(async () => {
  exports.release()
  mayRead = () => true
  await stop(server)
})

async function ask(): Promise<IncomingMessage> {
  const [answer] = await once(get({ port, host: '127.0.0.1', agent: false }), 'response')
  return answer
}

/** Takes all that comes. @returns whether that was the whole file */
async function isWhole(answer: IncomingMessage): Promise<boolean> {
  try {
    for await (const _ of answer) {
      // it is taken
    }
  } catch {
    return false
  }
  return answer.complete
}

test('a caller that takes nothing is left, and reads no page for nothing', async () => {
  serve(200)
  const answer = await ask()
  await until(() => ended.length === 1, 'the end of the export')
  expect(read).toBeLessThan(1_000)
  expect(await isWhole(answer)).toBe(false)
})

test('a caller whose token counts no more gets no further page', async () => {
  mayRead = () => !counts
  const answer = await ask()
  counts = false
  expect(await isWhole(answer)).toBe(false)
  await until(() => ended.length === 1, 'the end of the export')
  expect(read).toBe(2)
})

test('a service that stops breaks off what is under way', async () => {
  const whole = isWhole(await ask())
  exports.release()
  expect(await whole).toBe(false)
  await until(() => ended.length === 1, 'the end of the export')
})

test('a fifth at a time is refused before it reads anything, and has a place once another has ended', async () => {
  mayRead = () => false
  const four = await Promise.all(Array.from({ length: 4 }, ask))
  expect(four.map(({ statusCode }) => statusCode)).toEqual([200, 200, 200, 200])
  const fifth = await ask()
  expect([fifth.statusCode, read]).toEqual([429, 4])
  expect(ended).toEqual([expect.objectContaining({ code: 'rate_limited' })])
  mayRead = () => true
  four[0]?.destroy()
  await until(() => ended.length === 2, 'the end of one')
  expect((await ask()).statusCode).toBe(200)
})
