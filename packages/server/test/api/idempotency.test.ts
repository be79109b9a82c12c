import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { type Answer, type Caller, ok } from '@tract/testing/call'
import { TestService } from '@tract/testing/service'
import { until } from '@tract/testing/until'
import pg from 'pg'
import { PublishedContract } from '../support/contract.js'
import { Lock } from './lock.js'
import { deliveryRecipes } from './recipes/deliveries.js'
import { eventRecipes } from './recipes/events.js'
import { hookRecipes } from './recipes/hooks.js'
import { messageRecipes } from './recipes/messages.js'
import { provisioningRecipes } from './recipes/provisioning.js'
import { type OperationName, type Recipe, titled } from './recipes/recipe.js'
import { threadControlRecipes } from './recipes/thread-control.js'
import { userRecipes } from './recipes/users.js'
import { type Request, World } from './recipes/world.js'
import { storedRows } from './stored.js'

const contract = new PublishedContract('platform')
let world: World
let client: pg.Client

beforeAll(async () => {
  world = await World.build(await TestService.start(), contract)
  client = new pg.Client({ connectionString: world.service.databaseUrl })
  await client.connect()
})
afterAll(async () => {
  await client.end()
  await world.close()
  await world.service.close()
})

const newKey = () => ({ 'idempotency-key': randomUUID() })
const isReplayed = (answer: Answer) => answer.headers.get('idempotency-replayed') === 'true'
const withoutRequestId = ({ text }: Answer) => text.replace(/"request_id":"[^"]+"/, '')

/** What operations write; what deliveries become in the meantime is left out of it. */
async function effects(): Promise<Record<string, unknown>> {
  const { attempts, lanes, deliveries, ...rows } = await storedRows(client)
  return { ...rows, deliveries: deliveries?.split(' ')[0] }
}

const recipes: Recipe[] = [
  ...hookRecipes,
  ...userRecipes,
  ...messageRecipes,
  ...eventRecipes,
  ...threadControlRecipes,
  ...deliveryRecipes,
  ...provisioningRecipes,
].filter(({ operation }) => contract.operation(operation).takesIdempotencyKey)
const kept = recipes.filter(({ status }) => [200, 404, 409].includes(status))

/** The same world, in which every call of one operation is made in another way. */
function worldIn({ operation }: Recipe, calling: (request: Request) => Promise<Answer>): World {
  const call: World['call'] = (name, request = {}) =>
    name === operation ? calling(request) : world.call(name, request)
  return Object.create(world, { call: { value: call } })
}

describe('a call that is repeated with its key gets the first answer, and does nothing again:', () => {
  test.each(titled(kept))('%s', async (_title, recipe) => {
    const twice = worldIn(recipe, async (request) => {
      const keyed = { ...request, headers: newKey() }
      const first = await world.call(recipe.operation, keyed)
      const before = await effects()
      const again = await world.call(recipe.operation, keyed)
      expect([again.status, withoutRequestId(again)]).toEqual([first.status, withoutRequestId(first)])
      expect([isReplayed(first), isReplayed(again)]).toEqual([false, true])
      expect(contract.problems(recipe.operation, again)).toEqual([])
      expect(await effects()).toEqual(before)
      return first
    })
    const { status, body } = await recipe.call(twice)
    expect([status, body.code]).toEqual([recipe.status, recipe.code])
  })

  test('every operation that takes a key is among them', () => {
    const taking = [...contract.operations.values()].filter(({ takesIdempotencyKey }) => takesIdempotencyKey)
    const tried = new Set<string>(kept.filter(({ status }) => status === 200).map(({ operation }) => operation))
    expect(taking.map(({ operationId }) => operationId).filter((name) => !tried.has(name))).toEqual([])
  })
})

describe('calls that come at once with one key have one effect:', () => {
  test.each(titled(recipes.filter(({ status }) => status === 200)))('%s', async (_title, recipe) => {
    const atOnce = worldIn(recipe, async (request) => {
      const keyed = { ...request, headers: newKey() }
      const answers = await Promise.all(Array.from({ length: 5 }, () => world.call(recipe.operation, keyed)))
      const [first] = answers.filter((answer) => !isReplayed(answer))
      expect(answers.map(isReplayed).sort()).toEqual([false, true, true, true, true])
      for (const answer of answers)
        expect([answer.status, withoutRequestId(answer)]).toEqual([first?.status, withoutRequestId(first as Answer)])
      return first as Answer
    })
    const answer = await recipe.call(atOnce)
    expect([answer.status, contract.problems(recipe.operation, answer)]).toEqual([200, []])
  })

  test('as many messages are stored as there are keys', async () => {
    const user_id = await world.conversation()
    const keys = Array.from({ length: 10 }, newKey)
    const body = { user_id, message_body: 'Hello?', sender: 'ceu' }
    const calls = [...keys, ...keys, ...keys].map((headers) =>
      ok(world.call('sendPlatformMessage', { as: world.cast.md, body, headers })),
    )
    const ids = (await Promise.all(calls)).map(({ message_id }) => message_id)
    expect([...new Set(ids)].sort((a, b) => a - b)).toEqual(keys.map((_, index) => index + 2))
    const { rows } = await client.query('select count(*)::int as count from messages where user_id = $1', [user_id])
    expect(rows[0].count).toBe(11)
  })

  test('with other bodies, one of them', async () => {
    const headers = newKey()
    const calls = Array.from({ length: 5 }, (_, index) =>
      world.call('createOrganisation', {
        as: world.admin,
        body: { name: `${headers['idempotency-key']} ${index}` },
        headers,
      }),
    )
    expect((await Promise.all(calls)).map(({ status }) => status).sort()).toEqual([200, 422, 422, 422, 422])
    const { rows } = await client.query('select 1 from organisations where name like $1', [
      `${headers['idempotency-key']}%`,
    ])
    expect(rows).toHaveLength(1)
  })
})

const sendHello = (user_id: string, headers: Record<string, string>, changes: object = {}) =>
  world.call('sendPlatformMessage', {
    as: world.cast.md,
    body: { user_id, message_body: 'Hello?', sender: 'ceu', ...changes },
    headers,
  })

describe('a key', () => {
  test('that came with another body is refused, and still stands for the first', async () => {
    const user_id = await world.conversation()
    const headers = newKey()
    const first = await sendHello(user_id, headers)
    const before = await effects()
    const other = await sendHello(user_id, headers, { message_body: 'Hello!' })
    expect([other.status, other.body.code, isReplayed(other)]).toEqual([422, 'idempotency_key_reused', false])
    expect(await effects()).toEqual(before)
    expect((await sendHello(user_id, headers)).text).toBe(first.text)
  })

  test('that came with another operation is refused', async () => {
    const headers = newKey()
    const as = world.cast.sac
    const body = { category: 'message', subcategory: 'sent', url: `${world.receiver.url}/sent` }
    const { id } = await ok(world.call('registerHook', { as, body, headers }))
    await ok(world.call('disableHook', { as, body: { id }, headers: newKey() }))
    const enabling = newKey()
    await ok(world.call('enableHook', { as, body: { id }, headers: enabling }))
    expect((await world.call('unregisterHook', { as, body: { id }, headers: enabling })).status).toBe(422)
    expect((await world.call('registerHook', { as, body: { ...body, id }, headers })).status).toBe(400)
  })

  test('stands for the same in the other name of an operation', async () => {
    const request = {
      as: world.cast.desk,
      body: { user_id: await world.deskConversation(), type: 'aeu_events', subtype: 'received' },
      headers: newKey(),
    }
    await ok(world.call('sendEvent', request))
    expect(isReplayed(await world.call('sendEventAlias', request))).toBe(true)
  })

  test('of another client is another key', async () => {
    const headers = newKey()
    const body = { category: 'message', subcategory: 'failed', url: `${world.receiver.url}/failed` }
    const ids = []
    for (const as of [world.cast.desk, world.cast.sac]) {
      const answer = await world.call('registerHook', { as, body, headers })
      expect([answer.status, isReplayed(answer)]).toEqual([200, false])
      ids.push(answer.body.id)
    }
    expect(ids[0]).not.toBe(ids[1])
  })

  test('is the client’s, whatever token it comes with, and needs its scope all the same', async () => {
    const { service, cast } = world
    const request = { body: { user_id: world.newUserId() }, headers: newKey() }
    await ok(world.call('upsertUser', { ...request, as: cast.md }))
    const again = await service.login(cast.md.credentials, 'platform:users')
    expect(isReplayed(await world.call('upsertUser', { ...request, as: again }))).toBe(true)
    const without = await service.login(cast.md.credentials, 'hooks')
    expect((await world.call('upsertUser', { ...request, as: without })).status).toBe(403)
  })

  test.each([
    ['255 characters', 'k'.repeat(255), 200],
    ['256 characters', 'k'.repeat(256), 400],
    ['no characters', '', 400],
  ])('of %s is answered %i', async (_about, key, status) => {
    const headers = { 'idempotency-key': key.slice(0, -36) + randomUUID().slice(0, key.length) }
    const answer = await world.call('upsertUser', { as: world.cast.md, body: { user_id: world.newUserId() }, headers })
    expect(answer.status).toBe(status)
    expect(contract.problems('upsertUser', answer)).toEqual([])
    if (status === 400) expect(answer.body.issues).toMatchObject([{ path: 'idempotency-key' }])
  })

  test('does nothing to an operation that changes nothing', async () => {
    const request = { as: world.cast.desk, body: { user_id: await world.conversation() }, headers: newKey() }
    await ok(world.call('getUser', request))
    expect(isReplayed(await world.call('getUser', request))).toBe(false)
    expect((await world.call('getUser', { ...request, body: { user_id: 'nobody' } })).status).toBe(404)
  })

  test('does not keep what was never a call of the operation', async () => {
    const headers = newKey()
    const user_id = await world.conversation()
    expect((await sendHello(user_id, headers, { message_body: 5 })).status).toBe(400)
    const answer = await sendHello(user_id, headers)
    expect([answer.status, isReplayed(answer)]).toEqual([200, false])
  })
})

describe('a kept answer', () => {
  test('is given again though it would be another by now', async () => {
    const user_id = await world.deskConversation()
    const request = { as: world.cast.desk, body: { user_id, message_body: 'Bye', sender: 'aeu' }, headers: newKey() }
    const first = await world.call('sendMessage', request)
    const complete = { user_id, type: 'conversation_state', subtype: 'complete' }
    await ok(world.call('sendEvent', { as: world.cast.desk, body: complete }))
    const again = await world.call('sendMessage', request)
    expect([again.text, isReplayed(again)]).toEqual([first.text, true])
    expect((await world.call('sendMessage', { ...request, headers: newKey() })).status).toBe(409)
  })

  test('is given again though the refusal has lost its reason', async () => {
    const user_id = await world.conversation()
    const request = { as: world.cast.desk, body: { user_id, message_body: 'Hi', sender: 'aeu' }, headers: newKey() }
    expect((await world.call('sendMessage', request)).status).toBe(409)
    await ok(
      world.call('requestThreadControl', {
        as: world.cast.iva,
        body: { user_id, type: 'pass', requester: 'iva', receiver: 'desk' },
      }),
    )
    const again = await world.call('sendMessage', request)
    expect([again.status, again.body.code, isReplayed(again)]).toEqual([409, 'not_in_control', true])
    expect((await world.call('sendMessage', { ...request, headers: newKey() })).status).toBe(200)
  })

  test('does nothing to what has changed since', async () => {
    const { organisation, listeners } = await world.service.world({ iva: 'iva', md: 'md', desk: 'ect' })
    const { iva, md, desk } = listeners
    await world.receiver.hear(desk, 'message.receive')
    const user_id = world.newUserId()
    const ask = async (as: Caller, operation: OperationName, body: object, headers = newKey()) =>
      ok(world.call(operation, { as, body, headers }))
    const conversation = async () => {
      await ask(md, 'sendPlatformMessage', { user_id, message_body: 'Hello', sender: 'ceu', user: {} })
      const pass = { user_id, type: 'pass', requester: 'iva', receiver: 'desk' }
      expect(await ask(iva, 'requestThreadControl', pass)).toMatchObject({ success: true, owner: 'desk' })
    }
    const owner = async () => {
      const found = await ask(iva, 'listThreadListeners', { user_id })
      return found.listeners.find(({ active }: { active: boolean }) => active)?.id
    }
    const listener = { organisation_id: organisation, listener_id: 'desk' }
    const disabling = newKey()

    await conversation()
    await ask(world.admin, 'updateListener', { ...listener, enabled: false }, disabling)
    expect(await owner()).toBe('iva')
    await ask(world.admin, 'updateListener', { ...listener, enabled: true })
    await ask(iva, 'sendEvent', { user_id, type: 'conversation_state', subtype: 'complete' })
    await conversation()
    expect(await ask(world.admin, 'updateListener', { ...listener, enabled: false }, disabling)).toMatchObject({
      enabled: false,
    })
    expect(await owner()).toBe('desk')
  })

  test('holds its secret, which the database does not show', async () => {
    const headers = newKey()
    const body = { category: 'aeu_events', subcategory: 'entity_update', url: `${world.receiver.url}/secret` }
    const { signing_secret } = await ok(world.call('registerHook', { as: world.cast.desk, body, headers }))
    const again = await world.call('registerHook', { as: world.cast.desk, body, headers })
    expect([again.body.signing_secret, isReplayed(again)]).toEqual([signing_secret, true])
    const { rows } = await client.query<{ answer: string }>('select answer from idempotency_keys')
    for (const { answer } of rows) {
      expect(answer).not.toContain(signing_secret)
      expect(Buffer.from(answer, 'base64').toString('latin1')).not.toContain('whsec_')
    }
  })

  test('is forgotten after 24 hours', async () => {
    const user_id = await world.conversation()
    const headers = newKey()
    const first = await ok(sendHello(user_id, headers))
    await client.query(
      "update idempotency_keys set created_at = created_at - interval '24 hours 1 minute' where key = $1",
      [headers['idempotency-key']],
    )
    const answer = await sendHello(user_id, headers, { message_body: 'Still there?' })
    expect([answer.status, isReplayed(answer), answer.body.message_id]).toEqual([200, false, first.message_id + 1])
  })

  test('is forgotten with the user that it is about', async () => {
    const user_id = await world.conversation()
    const headers = newKey()
    await ok(sendHello(user_id, headers))
    await ok(world.call('eraseUser', { as: world.cast.md, body: { user_id } }))
    const answer = await sendHello(user_id, headers)
    expect([answer.status, isReplayed(answer)]).toEqual([404, false])
  })
})

describe('a first attempt that failed leaves no key:', () => {
  const LOCK_THREAD = 'select 1 from threads where user_id = $1 for update'

  async function cutOff(statement: string, value: string, calling: () => Promise<Answer>): Promise<Answer> {
    const lock = await Lock.hold(world.service.databaseUrl, statement, value)
    return lock.killWhile(calling)
  }

  async function isFirst(
    answer: Answer,
    headers: Record<string, string>,
    calling: () => Promise<Answer>,
  ): Promise<void> {
    const { rows } = await client.query('select 1 from idempotency_keys where key = $1', [headers['idempotency-key']])
    expect([answer.status, answer.body.code, rows.length]).toEqual([503, 'unavailable', 0])
    const second = await calling()
    expect([second.status, isReplayed(second)]).toEqual([200, false])
    expect(isReplayed(await calling())).toBe(true)
  }

  test('a message whose transaction was killed', async () => {
    const user_id = await world.conversation()
    const headers = newKey()
    const calling = () => sendHello(user_id, headers)
    await isFirst(await cutOff(LOCK_THREAD, user_id, calling), headers, calling)
    const { rows } = await client.query('select message_id from messages where user_id = $1', [user_id])
    expect(rows).toHaveLength(2)
  })

  test('an event whose transaction was killed', async () => {
    const user_id = await world.deskConversation()
    const headers = newKey()
    const body = { user_id, type: 'aeu_events', subtype: 'allocated' }
    const calling = () => world.call('sendEvent', { as: world.cast.desk, body, headers })
    await isFirst(await cutOff(LOCK_THREAD, user_id, calling), headers, calling)
  })

  test('an event whose transaction was killed while its repetition waited for it', async () => {
    const user_id = await world.deskConversation()
    const headers = newKey()
    const body = { user_id, type: 'aeu_events', subtype: 'allocated' }
    const calling = () => world.call('sendEvent', { as: world.cast.desk, body, headers })
    const lock = await Lock.hold(world.service.databaseUrl, LOCK_THREAD, user_id)
    const first = calling()
    const pid = await until(() => lock.waiting('threads'))
    const second = calling()
    await until(() => lock.waiting('insert into idempotency_keys'))
    await lock.kill(pid)
    expect([(await first).status, (await first).body.code]).toEqual([503, 'unavailable'])
    await lock.release()
    expect([(await second).status, isReplayed(await second)]).toEqual([200, false])
    expect(isReplayed(await calling())).toBe(true)
  })

  test('provisioning whose transaction was killed', async () => {
    const { organisation } = world
    const headers = newKey()
    const body = { organisation_id: organisation, listener_id: `listener-${randomUUID()}`, kind: 'analytics' }
    const calling = () => world.call('createListener', { as: world.admin, body, headers })
    const lock = 'select 1 from organisations where id = $1 for update'
    await isFirst(await cutOff(lock, organisation, calling), headers, calling)
  })

  test('a message whose last statement failed', async () => {
    const user_id = await world.conversation()
    const headers = newKey()
    await client.query('alter table idempotency_keys rename column answer to answer_gone')
    const failed = await sendHello(user_id, headers)
    await client.query('alter table idempotency_keys rename column answer_gone to answer')
    expect([failed.status, failed.body.code]).toEqual([500, 'internal_error'])
    const answer = await sendHello(user_id, headers)
    expect([answer.status, isReplayed(answer), answer.body.message_id]).toEqual([200, false, 2])
  })
})
