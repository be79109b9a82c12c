import { createServer, type Server, type Socket } from 'node:net'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { listen } from '@tract/testing/listen'
import fc from 'fast-check'
import { RETRY_POLICY } from '../../src/deliver/health/retry-policy.js'
import type { ReducedPart } from '../../src/deliver/storable-result.js'
import { Engine } from './engine.js'

const CREATE_USER = { category: 'user_events', subcategory: 'create_user' }
const OK = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok'

let engine: Engine
let server: Server
/** What the receiver answers the first attempt at each user with. Everything after that is acknowledged. */
const answers = new Map<string, Buffer>()
const requests = new Map<string, number>()
const reduced: ReducedPart[] = []
const complaints: unknown[] = []

beforeAll(async () => {
  engine = await Engine.create()
  server = createServer(serve)
  engine.hooks.set('desk', { url: `http://127.0.0.1:${await listen(server)}/` }, CREATE_USER)
})
beforeEach(async () => {
  await clear()
  await engine.dispatcher({
    settings: { retry: { ...RETRY_POLICY, delays: [10], longestRetryAfter: 50 } },
    observer: { reduced: (part) => reduced.push(part) },
    log: { warn: () => {}, error: (...of) => complaints.push(of) },
  })
})
afterEach(() => engine.stopAll())
afterAll(async () => {
  server.close()
  await engine.close()
})

async function clear(): Promise<void> {
  await engine.clear('delivery_faults')
  for (const list of [answers, requests]) list.clear()
  for (const list of [reduced, complaints]) list.splice(0)
}

/** Each connection is answered once and closed. */
function serve(socket: Socket): void {
  let request = ''
  socket.on('error', () => {})
  socket.on('data', (chunk) => {
    request += chunk
    const [, user] = /"user":"(\w+)"\}$/.exec(request) ?? []
    if (user === undefined) return
    const times = (requests.get(user) ?? 0) + 1
    requests.set(user, times)
    socket.end((times === 1 && answers.get(user)) || OK)
  })
}

async function answered(...given: Buffer[]): Promise<string[]> {
  const users = given.map((_, index) => `user${index}`)
  for (const [index, user] of users.entries()) answers.set(user, given[index] as Buffer)
  for (const user of users)
    await engine.enqueue(user, [{ listener: 'desk', ...CREATE_USER, body: JSON.stringify({ user }) }])
  await engine.delivered()
  return users
}

const idOf = async (user: string) => (await engine.stored.row('lanes', { user_id: user }))?.ect_user_id
const http = (body: string | Buffer, head = '200 OK') =>
  Buffer.concat([Buffer.from(`HTTP/1.1 ${head}\r\n\r\n`), Buffer.from(body)])

test.each([['a\\u0000b'], ['half \\ud83d'], ['x'.repeat(129)]])(
  'an id that cannot be kept is left out, and its delivery is over: %s',
  async (id) => {
    const [user = ''] = await answered(http(`{"success":true,"ect_user_id":"${id}"}`))
    expect(await engine.attempts()).toMatchObject([{ number: 1, status: 200, error: 'invalid_ect_user_id' }])
    expect(requests.get(user)).toBe(1)
    expect(await idOf(user)).toBeNull()
    expect(await engine.states()).toEqual({ delivered: 1 })
    expect(complaints).toEqual([])
  },
)

test('an id that is a whole number is kept to the last digit', async () => {
  const [user = ''] = await answered(http('{"ect_user_id":18446744073709551615}'))
  expect(await idOf(user)).toBe('18446744073709551615')
  expect(await engine.attempts()).toMatchObject([{ error: null }])
})

test('an answer with what the database cannot hold is kept without, and counted', async () => {
  await answered(http('ok\0'), http('{"text":"ok"}'))
  expect(await engine.attempts()).toMatchObject([{ answer: 'ok\uFFFD' }, { answer: '{"text":"ok"}' }])
  expect(reduced).toEqual(['answer'])
})

const anyText = fc.string({ unit: 'binary', maxLength: 200 })
const anyId = fc.oneof(
  anyText,
  fc.double(),
  fc.bigInt(),
  fc.jsonValue(),
  fc.constantFrom('\0', '\ud83d', 'x'.repeat(128), '👋'.repeat(129)),
)
const anyBody = fc.oneof(
  fc.uint8Array({ maxLength: 5_000 }).map((bytes) => Buffer.from(bytes)),
  anyText.map((text) => Buffer.from(text, 'utf16le')),
  anyId.map((id) => Buffer.from(`{"success":true,"ect_user_id":${typeof id === 'bigint' ? id : JSON.stringify(id)}}`)),
  anyText.map((text) => Buffer.from('é\0👋'.repeat(300) + text)),
  fc.nat(70_000).map((length) => Buffer.alloc(length, '👋\0')),
)
const anyLine = fc.string({ unit: fc.constantFrom(...'abc 019-,;=/:GMT\t\u00ff\u0080'), maxLength: 60 })
const anyAnswer = fc
  .record({
    status: fc.oneof(fc.constantFrom(200, 204, 400, 410, 429, 503), fc.integer({ min: 0, max: 999 })),
    reason: anyLine,
    retryAfter: fc.oneof(
      anyLine,
      fc.constantFrom('99999999999999999999', 'Sat, 01 Jan 275761 00:00:00 GMT', '0', '-1'),
    ),
    contentType: fc.oneof(anyLine, fc.constantFrom('application/json; charset=utf-16', 'text/plain; charset=latin1')),
    coding: fc.constantFrom('', 'gzip', 'deflate', 'br', 'identity'),
    body: anyBody,
  })
  .map(({ status, reason, retryAfter, contentType, coding, body }) => {
    const code = String(status).padStart(3, '0')
    const head = `HTTP/1.1 ${code} ${reason}\r\nretry-after: ${retryAfter}\r\ncontent-type: ${contentType}\r\n`
    return Buffer.concat([Buffer.from(`${head}content-encoding: ${coding}\r\n\r\n`, 'latin1'), body])
  })

test('whatever a receiver sends, what came of the attempt is written', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyAnswer, { minLength: 20, maxLength: 20 }), async (given) => {
      await clear()
      const users = await answered(...given)
      const written = await engine.attempts()
      // each request that came has its attempt, by its number: none was made again for want of a result
      for (const user of users) {
        const numbers = written.filter(({ user_id }) => user_id === user).map(({ number }) => number)
        expect(numbers).toEqual(Array.from({ length: requests.get(user) ?? 0 }, (_, index) => index + 1))
      }
      expect(complaints).toEqual([])
      expect(await engine.stored.rows('delivery_faults')).toEqual([])
    }),
    { numRuns: 12 },
  )
})

test('a result that the database refuses is written with less, and holds no other up', async () => {
  for (const table of ['attempts', 'deliveries'])
    await engine.pool.query(`alter table ${table} add constraint no_poison check (answer not like 'poison%'),
      add constraint no_teapot check (status <> 418)`)
  try {
    const users = await answered(
      ...Array.from({ length: 30 }, (_, index) => http(`fine ${index}`)),
      http('poison'),
      http('short and stout', "418 I'm a teapot"),
    )
    const written = new Map(
      (await engine.attempts()).map((attempt) => [`${attempt.user_id} ${attempt.number}`, attempt]),
    )
    expect(await engine.states()).toEqual({ delivered: users.length })
    for (const [index, user] of users.slice(0, 30).entries())
      expect(written.get(`${user} 1`)).toMatchObject({ status: 200, answer: `fine ${index}` })
    expect(written.get('user30 1')).toMatchObject({ status: 200, error: null, answer: null })
    // the first attempt cannot be kept at all; that it was made counts, and the second one is
    expect(written.get('user31 1')).toBeUndefined()
    expect(written.get('user31 2')).toMatchObject({ status: 200, answer: 'ok' })
    expect(users.map((user) => requests.get(user))).toEqual([...Array(31).fill(1), 2])
    expect(reduced.toSorted()).toEqual(['answer', 'answer', 'attempts'])
    expect(complaints).toEqual([])
  } finally {
    for (const table of ['attempts', 'deliveries'])
      await engine.pool.query(`alter table ${table} drop constraint no_poison, drop constraint no_teapot`)
  }
})
