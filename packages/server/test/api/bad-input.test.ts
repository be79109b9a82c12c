import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { type Answer, call, ok } from '@tract/testing/call'
import { TestService } from '@tract/testing/service'
import { PublishedContract } from '../support/contract.js'
import { type BadInput, KNOWN, WITH_IVA } from './cases/bad-input.js'
import { bodies } from './cases/bodies.js'
import { messagesAndEvents } from './cases/messages-and-events.js'
import { forms, paths, queries, unreadable } from './cases/requests.js'
import { scopes, tokens } from './cases/tokens.js'
import { values } from './cases/values.js'
import type { OperationName } from './recipes/recipe.js'
import { RecipeWorld } from './recipes/recipe-world.js'
import { head, rawCall } from './support/raw.js'

const contract = new PublishedContract('platform')
let world: RecipeWorld

beforeAll(async () => {
  world = await RecipeWorld.build(await TestService.start(), contract)
  await world.deskConversation(KNOWN)
  await world.conversation(WITH_IVA)
  // what has been said so far is on its way; then nothing moves any more but what a test does
  await world.service.stored.delivered({}, 'observer')
})
afterAll(async () => {
  await world.close()
  await world.service.close()
})

/** The one error body, whether the answer is an operation's or not. */
function isError(answer: Answer): void {
  expect(Object.keys(answer.body).sort()).toEqual(expect.arrayContaining(['code', 'error', 'request_id']))
  expect(answer.body.error).toMatch(/\S/)
  expect(answer.body.request_id).toBe(answer.headers.get('x-request-id'))
}

async function holds({ operation, status, code, path, call }: BadInput): Promise<Answer> {
  const answer = await call(world)
  expect([answer.status, answer.body?.code, answer.text]).toEqual([status, code, answer.text])
  isError(answer)
  if (operation) expect(contract.problems(operation, answer)).toEqual([])
  if (path !== undefined) expect(answer.body.issues).toContainEqual({ path, message: expect.stringMatching(/\S/) })
  return answer
}

/** Refused as documented, and nothing in the database has changed. */
async function isRefused(input: BadInput): Promise<void> {
  const before = await world.service.stored.digest()
  await holds(input)
  expect(await world.service.stored.digest()).toEqual(before)
}

describe('is refused as documented, and nothing is stored:', () => {
  test.each(bodies)('$name', isRefused)
  test.each(values)('$name', isRefused)
  test.each(messagesAndEvents)('$name', isRefused)
  test.each(queries)('$name', isRefused)
  test.each(forms)('$name', isRefused)
  test.each(paths)('$name', isRefused)
  test.each(unreadable)('$name', isRefused)
  test.each(scopes)('$name', isRefused)

  test('only a scope that is missing is a matter of the token', async () => {
    const challenge = async (operation: OperationName, who: 'md' | 'desk', body: unknown) =>
      (await world.call(operation, { as: world.cast[who], body })).headers.get('www-authenticate')
    const message = { user_id: KNOWN, message_body: 'Hello', sender: 'iva' }
    expect(await challenge('upsertUser', 'desk', {})).toBe('Bearer realm="tract", error="insufficient_scope"')
    expect(await challenge('sendPlatformMessage', 'md', message)).toBeNull()
  })
})

describe('is no token:', () => {
  test.each(tokens)('$name', async (input) => {
    const answer = await holds(input)
    // RFC 6750 §3.1: without a token there is no error to name
    const error = input.code === 'token_missing' ? '' : ', error="invalid_token"'
    expect(answer.headers.get('www-authenticate')).toBe(`Bearer realm="tract"${error}`)
  })
})

describe('at its limit, and taken:', () => {
  const taken = async (operation: OperationName, who: 'md' | 'desk', body: unknown) => {
    const answer = await world.call(operation, { as: world.cast[who], body })
    expect([answer.status, answer.text]).toEqual([200, answer.text])
    return answer.body
  }
  const message = { user_id: KNOWN, message_body: 'Hello', sender: 'aeu' }

  test('a body of 256 KiB', async () => {
    const body = JSON.stringify({ ...message, metadata: { padding: '' } })
    await taken('sendMessage', 'desk', body.replace('""', `"${'x'.repeat(262_144 - body.length)}"`))
  })
  test('ids of 128 characters', async () => {
    const user_id = '🙂'.repeat(128)
    const ids = { third_party_user_id: 'x'.repeat(128) }
    expect(await taken('upsertUser', 'md', { user_id, ...ids })).toMatchObject({ user_id, ...ids })
    expect(await taken('getUser', 'desk', { user_id })).toMatchObject({ user_id, ...ids })
  })
  test('a body of 16 levels', async () => {
    const metadata = JSON.parse(`${'{"a":'.repeat(15)}1${'}'.repeat(15)}`)
    await taken('sendMessage', 'desk', { ...message, metadata })
  })
  test('HSL of 16 levels, and of an unknown type', async () => {
    const message_body = `{"type": "NEW", "data": ${'['.repeat(15)}${']'.repeat(15)}}`
    expect((await taken('sendMessage', 'desk', { ...message, message_body })).warnings).toHaveLength(1)
  })
  test('text of 64 KiB', async () => {
    await taken('sendMessage', 'desk', { ...message, message_body: 'ü'.repeat(32_768) })
  })
  test('JSON that is no object, as text', async () => {
    await taken('sendMessage', 'desk', { ...message, message_body: '["__proto__"]' })
  })
  test('details of which one is named like what every object has', async () => {
    const details_requested = ['__proto__', 'constructor', 'toString']
    const details = { user_id: KNOWN, details: {}, unavailable: details_requested }
    expect(await taken('getUser', 'desk', { user_id: KNOWN, details_requested })).toEqual(details)
    expect(await taken('getUserDetails', 'desk', { user_id: KNOWN, details_requested })).toEqual(details)
  })
  test('the last second of a year that was longer by it', async () => {
    const times = { created_from: '2016-12-31T23:59:60Z', created_to: '2016-12-31T18:59:60.5-05:00' }
    expect((await taken('listDeliveries', 'desk', times)).deliveries).toEqual([])
  })
  test('a limit in a query, as a number', async () => {
    const answer = await world.call('listOrganisations', { as: world.admin, query: { limit: '1' } })
    expect(answer.body.organisations).toHaveLength(1)
  })
  test.each(['Application/JSON; charset=UTF-8', 'application/json;charset="utf-8"', 'application/json; charset=utf8'])(
    'a body of the media type as %s',
    async (type) => {
      const headers = { 'content-type': type }
      const answer = await world.call('getUser', { as: world.cast.desk, body: { user_id: KNOWN }, headers })
      expect(answer.status).toBe(200)
    },
  )
  test('a body with a byte order mark, which is no part of it', async () => {
    expect(await taken('getUser', 'desk', `\ufeff{"user_id": "${KNOWN}"}`)).toMatchObject({ user_id: KNOWN })
  })
  test('an empty list of details, which is answered by none', async () => {
    for (const operation of ['getUser', 'getUserDetails'] as const) {
      const answer = await taken(operation, 'desk', { user_id: KNOWN, details_requested: [] })
      expect(answer).toEqual({ user_id: KNOWN, details: {} })
    }
  })
})

describe('details of a user are 100 at most, and 64 KiB in all,', () => {
  const upsert = (details: object) => ({
    name: '',
    operation: 'upsertUser' as const,
    status: 400,
    code: 'invalid_request' as const,
    path: '/details',
    call: () => world.call('upsertUser', { as: world.cast.md, body: { user_id: 'detailed', details } }),
  })
  const named = (prefix: string, count: number, value: unknown) =>
    Object.fromEntries(Array.from({ length: count }, (_, index) => [`${prefix}${index}`, value]))

  test('however many calls they come in', async () => {
    await ok(upsert(named('a', 60, 1)).call())
    await isRefused(upsert(named('b', 41, 1)))
  })
  test('however large each of them is', async () => {
    await ok(upsert({ a0: 'x'.repeat(40_000) }).call())
    await isRefused(upsert({ a1: 'x'.repeat(30_000) }))
  })
})

describe('paths and methods', () => {
  const operations = [...contract.operations.values()]
  const paths = [...new Set(operations.map(({ path }) => path))]

  test.each(paths)('%s takes the methods that are documented, and names them to who uses another', async (path) => {
    const documented = operations.filter((operation) => operation.path === path).map(({ method }) => method)
    const before = await world.service.stored.digest()
    for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND', 'QUERY']) {
      if (documented.includes(method)) continue
      const body = '{"user_id": '
      const headers = { 'content-type': 'application/json', 'content-length': String(body.length) }
      const answer = await rawCall(world.service.url, head(method, path, headers), body)
      expect([method, answer.status, answer.body.code]).toEqual([method, 405, 'method_not_allowed'])
      expect(answer.headers.get('allow')?.split(', ').sort()).toEqual(documented.sort())
      isError(answer)
    }
    expect(await world.service.stored.digest()).toEqual(before)
  })

  test.each(operations)('$method $path is the same with and without its last slash', async ({ method, path }) => {
    const other = path.endsWith('/') ? path.slice(0, -1) : `${path}/`
    const answers = await Promise.all([path, other].map((at) => call(world.service.url + at, { method })))
    const [asWritten, otherwise] = answers.map(({ status, body }) => [status, body.code ?? Object.keys(body)])
    expect(otherwise).toEqual(asWritten)
    // A link that is not there is 404 as well, by a code of its own.
    if (asWritten?.[1] !== 'link_not_found') expect(asWritten?.[0]).not.toBe(404)
  })

  test('HEAD is answered without a body, and 200 where there is a page or a document', async () => {
    for (const path of ['/healthz', '/readyz', '/docs', '/guide', '/console', '/openapi/vendor.json']) {
      const { status, text } = await call(world.service.url + path, { method: 'HEAD' })
      expect([path, status, text]).toEqual([path, 200, ''])
    }
    const answer = await call(`${world.service.url}/tract/hooks/list/`, { method: 'HEAD' })
    expect([answer.status, answer.text, answer.headers.get('allow')]).toEqual([405, '', 'GET'])
  })
})
