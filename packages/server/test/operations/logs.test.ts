import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { call, ok } from '@tract/testing/call'
import type { Receiver } from '@tract/testing/receiver'
import { TestService } from '@tract/testing/service'
import { until } from '@tract/testing/until'
import type { World } from '@tract/testing/world'
import { describeError } from '../../src/telemetry/described-error.js'
import { openLog } from '../../src/telemetry/log.js'
import { QUICK } from '../deliver/quick-settings.js'

// biome-ignore lint/suspicious/noExplicitAny: lines of every shape
type Line = any

/** What users say, are called and can be reached at: none of it may be in a log. */
const PERSONAL = {
  message: 'My card number is 4111 1111 1111 1111',
  name: 'Asha Ramanujan',
  number: '+919820098200',
  detail: 'asha.ramanujan@example.com',
  note: 'she sounds upset',
}
const KEY_IN_QUERY = 'hook-key-8f14e45f'

describe('the log at its finest', () => {
  let service: TestService
  let world: World<'md' | 'iva' | 'desk'>
  let receiver: Receiver
  const lines: string[] = []
  const secrets: string[] = []
  const parsed = (): Line[] => lines.map((line) => JSON.parse(line))

  beforeAll(async () => {
    service = await TestService.start({
      environment: { TRACT_LOG_LEVEL: 'trace' },
      delivery: {
        ...QUICK,
        breaker: { failures: 3, firstProbe: 20, longestProbe: 100, probeLost: 500 },
        faultReport: 50,
      },
      logTo: { write: (line) => lines.push(line) },
    })
    world = await service.world({ md: 'md', iva: 'iva', desk: 'ect' })
    receiver = await service.receiver()
    for (const { token, credentials } of Object.values(world.listeners)) secrets.push(token, credentials.client_secret)
    for (const listener of [world.listeners.iva, world.listeners.desk]) {
      const hook = {
        category: 'message',
        subcategory: 'receive',
        url: `${receiver.url}/message.receive?key=${KEY_IN_QUERY}`,
      }
      secrets.push((await ok(listener.post('/tract/hooks/register/', hook))).signing_secret)
    }
    await conversation()
    await trouble()
  })
  afterAll(() => service.close())

  const say = (user_id: string) =>
    world.listeners.md.post('/platform/message/send/', {
      user_id,
      message_body: PERSONAL.message,
      sender: 'ceu',
      metadata: { note: PERSONAL.note },
      user: { user_name: PERSONAL.name, third_party_user_id: PERSONAL.number, details: { email: PERSONAL.detail } },
    })

  /** Everything goes well. */
  async function conversation(): Promise<void> {
    const { iva, desk } = world.listeners
    await ok(say('one'))
    await ok(
      iva.post('/tract/thread_control/request', { user_id: 'one', type: 'pass', requester: 'iva', receiver: 'desk' }),
    )
    await ok(desk.post('/tract/message/send/', { user_id: 'one', message_body: PERSONAL.message, sender: 'ect' }))
    await ok(desk.post('/tract/user/details/', { user_id: 'one', details_requested: ['email'] }))
    await ok(
      desk.post('/tract/event/send', {
        user_id: 'one',
        type: 'conversation_state',
        subtype: 'complete',
        metadata: PERSONAL.note,
      }),
    )
    for (const { id } of (await ok(desk.get('/tract/hooks/list/'))).hooks)
      secrets.push((await ok(desk.post('/tract/hooks/rotate_secret/', { id }))).signing_secret)
    await until(() => receiver.received.length >= 3, 'the deliveries')
  }

  /** Everything goes wrong: calls that are refused and that fail, receivers that do not answer, data that cannot be read. */
  async function trouble(): Promise<void> {
    const { iva, md } = world.listeners
    const text = { 'content-type': 'application/json' }
    await md.post('/platform/message/send/', {
      user_id: 'one',
      message_body: PERSONAL.message,
      surprise: PERSONAL.name,
    })
    await call(`${service.url}/tract/user/`, {
      token: iva.token,
      headers: text,
      body: `{"user_name": "${PERSONAL.name}`,
    })
    await call(`${service.url}/tract/user/?token=${iva.token}&name=${encodeURIComponent(PERSONAL.name)}`, { body: {} })
    await call(`${service.url}/tract/${encodeURIComponent(PERSONAL.name)}`, { token: iva.token, body: {} })
    const login = `grant_type=client_credentials&client_id=${iva.credentials.client_id}&client_secret=${iva.credentials.client_secret}x`
    await call(`${service.url}/tract/auth/token/`, {
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: login,
    })
    receiver.answer = () => ({ status: 500, body: { error: PERSONAL.note } })
    await ok(say('two'))
    await until(() => lines.some((line) => line.includes('an endpoint is failing')), 'an open breaker')
    receiver.answer = () => ({})
    await until(() => lines.some((line) => line.includes('not failing any more')), 'a closed breaker')

    const { stored } = service
    await stored.change('hooks', { secret: Buffer.from('unreadable') })
    // a hook is known for a while after it was read
    await until(async () => {
      await ok(say('three'))
      return lines.some((line) => line.includes('a lane could not be worked on'))
    }, 'a fault')
    // PostgreSQL says which value it did not take
    await stored.pool.query(
      `alter table users add constraint unlucky check (user_name <> '${PERSONAL.name}') not valid`,
    )
    await say('four')
    await stored.pool.query('alter table users drop constraint unlucky')
    await stored.pool.query('alter table users alter column user_name type integer using null')
    await say('five')
    await stored.pool.query('alter table messages rename to elsewhere')
    await say('one')
    await stored.pool.query('alter table hooks drop column url')
    await iva.get('/tract/hooks/list/')
    expect(parsed().filter(({ level, msg }) => level === 50 && msg === 'failed').length).toBeGreaterThanOrEqual(3)
  }

  test('has nothing of what users are called, say or can be reached at', () => {
    const text = lines.join('')
    for (const [what, words] of Object.entries(PERSONAL))
      for (const form of [words, encodeURIComponent(words), JSON.stringify(words).slice(1, -1)])
        expect([what, text.includes(form)]).toEqual([what, false])
  })

  test('has no token, client secret, signing secret or query of a hook’s URL', () => {
    const text = lines.join('')
    expect(secrets).toHaveLength(9)
    for (const secret of [...secrets, KEY_IN_QUERY]) {
      expect(text).not.toContain(secret)
      expect(text).not.toContain(secret.replace(/^whsec_/, ''))
      // nor most of a token: its signature is what must not be there
      expect(text).not.toContain(secret.split('.').at(-1))
    }
  })

  test('is a line of JSON for each thing', () => {
    for (const line of lines) {
      expect(line.endsWith('\n')).toBe(true)
      const { level, time, msg } = JSON.parse(line)
      expect([typeof level, typeof time, typeof msg]).toEqual(['number', 'number', 'string'])
    }
  })

  test('tells of each call who made it, what became of it, and how long that took', async () => {
    const { iva } = world.listeners
    const answer = await iva.get('/tract/thread_control/listeners/')
    expect(answer.status).toBe(405)
    const listed = await iva.post('/tract/thread_control/listeners/', { user_id: 'one' })
    const requestId = listed.headers.get('x-request-id')
    const line = await until(() => parsed().find((found) => found.requestId === requestId && found.msg === 'answered'))
    expect(line).toMatchObject({
      level: 30,
      operationId: 'listThreadListeners',
      status: listed.status,
      clientId: iva.credentials.client_id,
      organisationId: world.organisation,
    })
    expect(line.ms).toBeGreaterThan(0)
  })

  test('tells of each attempt, at level debug, what became of it', () => {
    const attempts = parsed().filter(({ msg }) => msg === 'attempted')
    expect(attempts.find(({ error }) => error === null)).toMatchObject({ level: 20, number: 1, status: 200 })
    expect(attempts.find(({ error }) => error === 'status_5xx')).toMatchObject({
      organisationId: world.organisation,
      status: 500,
      deliveryId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    })
  })

  test('tells of a failure where it happened', () => {
    const failures = parsed().filter(({ msg }) => msg === 'failed')
    for (const { err, requestId } of failures) {
      expect(requestId).toMatch(/^[0-9a-f-]{36}$/)
      expect(err.message).not.toBe('')
      expect(err.stack).toMatch(/\n\s+at /)
    }
    expect(failures.map(({ err }) => err.code)).toContain('23514')
  })
})

test('levels above info say nothing of calls', async () => {
  const lines: string[] = []
  const service = await TestService.start({
    environment: { TRACT_LOG_LEVEL: 'warn' },
    logTo: { write: (line) => lines.push(line) },
  })
  await service.admin()
  await service.stored.pool.query('alter table organisations rename to elsewhere')
  await (await service.admin()).get('/platform/organisations/')
  await service.close()
  expect(lines.map((line) => JSON.parse(line).msg)).toEqual(expect.arrayContaining(['failed']))
  expect(lines.map((line) => JSON.parse(line).msg)).not.toContain('answered')
})

describe('what a log has of an error', () => {
  const { message } = PERSONAL

  test('is its class, code, message and place, and none of its other properties', () => {
    const error = Object.assign(new TypeError('no such thing', { cause: new Error('deeper') }), {
      code: 'ERR_X',
      detail: message,
      input: `https://hooks.example.com/?key=${KEY_IN_QUERY}`,
    })
    expect(describeError(error)).toMatchObject({ type: 'TypeError', code: 'ERR_X', message: 'no such thing' })
    expect(describeError(error)).toMatchObject({
      stack: expect.stringContaining('logs.test'),
      cause: { message: 'deeper' },
    })
    expect(JSON.stringify(describeError(error))).not.toMatch(/4111|hook-key/)
  })

  test.each([
    [
      'a value that PostgreSQL quotes',
      Object.assign(new Error(`invalid input syntax for type integer: "${message}"`), { code: '22P02' }),
    ],
    ['a body that JSON.parse quotes', syntaxError(`{"a": ${message}`)],
    [
      'a call that Prisma quotes',
      Object.assign(new Error(`Invalid call:\n{ name: "${message}" }\n\nIt failed.`), { name: 'PrismaClientError' }),
    ],
    [
      'the query of an address',
      new Error(
        `connect failed: https://hooks.example.com/in?said=${encodeURIComponent(message)}#${encodeURIComponent(message)}`,
      ),
    ],
    ['what is thrown and is no error', { message }],
    ['an error below the error', new Error('above', { cause: syntaxError(`{"a": ${message}`) })],
  ])('leaves out %s', (_what, error) => {
    expect(JSON.stringify(describeError(error))).not.toMatch(/4111|My card|My%20card/)
  })

  test('leaves out who logs in at an address', () => {
    const { message: said } = describeError(new Error('no answer of postgres://tract:pa55@db.example.com:5432/tract'))
    expect(said).toBe('no answer of postgres://[redacted]@db.example.com:5432/tract')
  })
})

test('a field that is named like a secret is censored, whoever logs it', () => {
  const lines: string[] = []
  const log = openLog('trace', { write: (line) => lines.push(line) })
  log.info(
    { token: 'abc', client_secret: 'abc', message_body: 'abc', url: 'abc', req: { headers: 'abc' }, ms: 1 },
    'hello',
  )
  expect(JSON.parse(lines[0] as string)).toMatchObject({ token: '[redacted]', client_secret: '[redacted]', ms: 1 })
  expect(lines[0]).not.toContain('abc')
})

function syntaxError(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    return error
  }
}
