import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { type Answer, type Caller, ok } from '@tract/testing/call'
import { TestService } from '@tract/testing/service'
import { until } from '@tract/testing/until'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import pg from 'pg'
import { PublishedContract } from '../support/contract.js'
import { permitted } from './recipes/every-operation.js'
import type { OperationName } from './recipes/recipe.js'
import { neededQuery, wellFormed } from './recipes/requests.js'
import { World } from './recipes/world.js'
import { storedRows } from './stored.js'

const contract = new PublishedContract('platform')
/** Their organisation: with users, hooks, deliveries and clients. */
let theirs: World
/** Ours has the same listeners, and one more. */
let ours: Record<'iva' | 'md' | 'desk' | 'sac' | 'observer', Caller>
let ourOrganisation: string
let client: pg.Client

/** What is theirs, under the name of what is not there at all. */
const foreign: Record<string, string> = {}
const absent: Record<string, string> = {
  user: 'nobody-at-all',
  hook: randomUUID(),
  delivery: randomUUID(),
  waitingDelivery: randomUUID(),
  listener: 'nobody-at-all',
  organisation: randomUUID(),
  client: randomUUID(),
  token: 'nobody',
  stream: randomUUID(),
}

beforeAll(async () => {
  const service = await TestService.start()
  theirs = await World.build(service, contract)
  const kinds = { iva: 'iva', md: 'md', desk: 'ect', sac: 'sac', observer: 'analytics' } as const
  const world = await service.world(kinds)
  ours = world.listeners
  ourOrganisation = world.organisation
  client = new pg.Client({ connectionString: service.databaseUrl })
  await client.connect()

  const { call, cast, admin, organisation } = theirs
  const user = await theirs.deskConversation()
  await ok(call('upsertUser', { as: cast.md, body: { user_id: user, details: { email: 'theirs@example.com' } } }))
  const theirListener = { organisation_id: organisation, listener_id: 'their-desk', kind: 'ect' }
  await ok(call('createListener', { as: admin, body: theirListener }))
  const moving = "select 1 from lanes where (head < tail and listener <> 'observer') or lease is not null"
  await until(async () => (await client.query(moving)).rowCount === 0, 'the end of all deliveries')
  const first = async (as: Caller, state: string) =>
    (await ok(call('listDeliveries', { as, body: { state } }))).deliveries[0].id
  Object.assign(foreign, {
    user,
    hook: (await ok(call('listHooks', { as: cast.desk }))).hooks[0].id,
    delivery: await first(cast.desk, 'delivered'),
    waitingDelivery: await first(cast.observer, 'pending'),
    listener: 'their-desk',
    organisation,
    client: cast.desk.credentials.client_id,
    token: (await service.login(cast.desk.credentials)).token,
    stream: (await ok(call('streamHooks', { as: cast.desk, body: {} }))).stream,
  })
})
afterAll(async () => {
  await client.end()
  await theirs.close()
  await theirs.service.close()
})

type Ids = Record<string, string>
interface Attempt {
  operation: OperationName
  about: string
  body?: (ids: Ids) => unknown
  query?: (ids: Ids) => Record<string, string>
}

const HELLO = { message_body: 'Hello' }
const one = (operation: OperationName, about: string, rest: object = {}): Attempt => ({
  operation,
  about,
  body: (ids) => ({ [about === 'user' ? 'user_id' : 'id']: ids[about], ...rest }),
})

/** As a member of our organisation, with everything that may hold something of theirs. */
const attempts: Attempt[] = [
  one('getUser', 'user'),
  one('getUser', 'user', { details_requested: ['email'] }),
  one('getUserDetails', 'user', { details_requested: ['email'] }),
  one('sendMessage', 'user', { ...HELLO, sender: 'aeu' }),
  one('sendMessage', 'user', { ...HELLO, sender: 'aeu', ect_user_id: 'case-1' }),
  one('sendEvent', 'user', { type: 'conversation_state', subtype: 'complete' }),
  one('sendEventAlias', 'user', { type: 'aeu_events', subtype: 'allocated' }),
  one('listThreadListeners', 'user'),
  one('requestThreadControl', 'user', { type: 'take', requester: 'iva', receiver: 'iva' }),
  one('requestThreadControl', 'user', { type: 'pass', requester: 'iva', receiver: 'desk' }),
  one('requestThreadControl', 'user', { type: 'request', requester: 'iva', receiver: 'desk' }),
  one('sendPlatformMessage', 'user', { ...HELLO, sender: 'iva' }),
  one('sendPlatformEvent', 'user', { type: 'conversation_state', subtype: 'complete' }),
  one('eraseUser', 'user'),
  ...(['unregisterHook', 'enableHook', 'disableHook', 'rotateHookSecret', 'testHook'] as const).map((operation) =>
    one(operation, 'hook'),
  ),
  ...(['getDelivery', 'retryDelivery', 'skipDelivery'] as const).flatMap((operation) => [
    one(operation, 'delivery'),
    one(operation, 'waitingDelivery'),
  ]),
  { operation: 'streamHooks', about: 'stream', body: ({ stream }) => ({ stream, wait: 0 }) },
  ...(['replayDeliveries', 'previewReplay'] as const).flatMap((operation) => [
    { operation, about: 'delivery', body: ({ delivery }: Ids) => ({ ids: [delivery] }) } as const,
    { operation, about: 'user', body: ({ user }: Ids) => ({ filter: { user_id: user } }) } as const,
  ]),
  { operation: 'listDeliveries', about: 'user', body: ({ user }) => ({ user_id: user }) },
  { operation: 'listDeliveries', about: 'delivery', body: ({ delivery }) => ({ after: delivery }) },
  {
    operation: 'updateOrganisation',
    about: 'organisation',
    body: ({ organisation }) => ({ organisation_id: organisation, name: 'x' }),
  },
  {
    operation: 'createListener',
    about: 'organisation',
    body: ({ organisation }) => ({ organisation_id: organisation, listener_id: 'desk', kind: 'ect' }),
  },
  {
    operation: 'updateListener',
    about: 'organisation',
    body: ({ organisation }) => ({ organisation_id: organisation, listener_id: 'desk', enabled: false }),
  },
  {
    operation: 'listListeners',
    about: 'organisation',
    query: ({ organisation }) => ({ organisation_id: organisation as string }),
  },
  {
    operation: 'createClient',
    about: 'organisation',
    body: ({ organisation }) => ({ organisation_id: organisation, listener_id: 'desk', name: 'x', scopes: ['hooks'] }),
  },
  {
    operation: 'listClients',
    about: 'organisation',
    query: ({ organisation }) => ({ organisation_id: organisation as string }),
  },
  ...(['listDeliveryHealth', 'listDeliveryFaults', 'getOverview', 'listThreads', 'streamChanges'] as const).map(
    (operation) => ({
      operation,
      about: 'organisation',
      query: ({ organisation }: Ids) => ({ organisation_id: organisation as string }),
    }),
  ),
  ...(['getThread', 'listTimeline'] as const).map((operation) => ({
    operation,
    about: 'user',
    query: ({ organisation, user }: Ids) => ({ organisation_id: organisation as string, user_id: user as string }),
  })),
  { operation: 'updateClient', about: 'client', body: (ids) => ({ client_id: ids.client, enabled: false }) },
  { operation: 'rotateClientSecret', about: 'client', body: (ids) => ({ client_id: ids.client }) },
  {
    operation: 'issueToken',
    about: 'client',
    body: (ids) => ({ grant_type: 'client_credentials', ...ours.desk.credentials, client_id: ids.client }),
  },
]

/** An answer without what is different in every answer, and with one name for what was asked for. */
function comparable({ status, headers, text }: Answer, id: string): object {
  const varying = ['date', 'x-request-id', 'ratelimit-remaining', 'ratelimit-reset', 'content-length']
  return {
    status,
    headers: [...headers].filter(([name]) => !varying.includes(name)),
    text: text.replaceAll(id, '<id>').replace(/"request_id":"[^"]+"/, '"request_id":"<id>"'),
  }
}

describe('what is another organisation’s is answered exactly as what does not exist, and stays as it is:', () => {
  test.each(attempts)('$about in $operation', async ({ operation, about, body, query }) => {
    const { scopes } = contract.operation(operation)
    // nobody of ours may provision: then it is refused whatever it is about
    const as = scopes.length === 0 ? undefined : ours.iva
    const before = await storedRows(client, theirs.organisation)
    const ask = (ids: Ids) => theirs.call(operation, { as, body: body?.(ids), query: query?.(ids) ?? {} })
    const answer = await ask(foreign)
    const expected = await ask(absent)
    expect(comparable(answer, foreign[about] as string)).toEqual(comparable(expected, absent[about] as string))
    expect(contract.problems(operation, answer)).toEqual([])
    expect(answer.text).not.toMatch(/theirs@example|their-desk|case-1/)
    expect(await storedRows(client, theirs.organisation)).toEqual(before)
  })

  test('every operation that names something is tried', () => {
    const tried = new Set(attempts.map(({ operation }) => operation as string))
    const nothingOfOthers = [
      ...['getJwks', 'getAuthorizationServerMetadata', 'listHooks', 'registerHook', 'upsertUser'],
      ...['createOrganisation', 'listOrganisations', 'rotateSigningKey'],
      ...['createSession', 'getSession', 'endSession'],
      // an attempt lives for seconds: deliver/streams/hook-streams.test.ts tries another's
      'answerHooks',
      // RFC 7009 §2.1: another client's token is refused, and whoever holds it can tell anyway whether it is valid
      'revokeToken',
    ]
    const left = [...contract.operations.keys()].filter((name) => !tried.has(name))
    expect(left.sort()).toEqual(nothingOfOthers.sort())
  })
})

describe('a name in another organisation', () => {
  test.each(['requester', 'receiver'])('of a listener is nobody as the %s of a change of control', async (role) => {
    const user_id = `ours-${role}`
    const user = { user_id, message_body: 'Hello', sender: 'ceu', user: {} }
    await ok(theirs.call('sendPlatformMessage', { as: ours.md, body: user }))
    const ask = (listener: string | undefined) =>
      theirs.call('requestThreadControl', {
        as: ours.iva,
        body: { user_id, type: 'pass', requester: 'iva', receiver: 'desk', [role]: listener },
      })
    const answer = await ask(foreign.listener)
    expect(answer.body.success).toBe(false)
    expect(comparable(answer, foreign.listener as string)).toEqual(
      comparable(await ask(absent.listener), absent.listener as string),
    )
  })

  test('of a user is another user here', async () => {
    const { user } = foreign
    const before = await storedRows(client, theirs.organisation)
    const heard = theirs.receiver.received.length
    const known = { user_name: 'Ours', details: { plan: 'ours' } }
    await ok(theirs.call('upsertUser', { as: ours.md, body: { user_id: user, ...known } }))
    await ok(theirs.call('sendPlatformMessage', { as: ours.md, body: { user_id: user, ...HELLO, sender: 'ceu' } }))
    const answer = await ok(theirs.call('getUser', { as: ours.desk, body: { user_id: user } }))
    expect(answer).toEqual({ user_id: user, user_name: 'Ours', details_available: ['plan'] })
    const { listeners } = await ok(theirs.call('listThreadListeners', { as: ours.desk, body: { user_id: user } }))
    expect(listeners.filter(({ active }: { active: boolean }) => active)).toMatchObject([{ id: 'iva' }])
    await ok(theirs.call('eraseUser', { as: ours.md, body: { user_id: user } }))
    expect(await storedRows(client, theirs.organisation)).toEqual(before)
    expect(theirs.receiver.received.length).toBe(heard)
  })

  test('of a hook is another hook here', async () => {
    const before = await storedRows(client, theirs.organisation)
    const body = { category: 'message', subcategory: 'receive', url: 'http://127.0.0.1:9/' }
    const { id } = await ok(theirs.call('registerHook', { as: ours.desk, body }))
    expect(id).not.toBe(foreign.hook)
    const { hooks } = await ok(theirs.call('listHooks', { as: ours.desk }))
    expect(hooks.map((hook: { id: string }) => hook.id)).toEqual([id])
    await ok(theirs.call('unregisterHook', { as: ours.desk, body: { id } }))
    expect(await storedRows(client, theirs.organisation)).toEqual(before)
  })
})

describe('a client', () => {
  test('cannot sign for a client of another organisation', async () => {
    const { publicKey, privateKey } = await generateKeyPair('ES256')
    const jwks = { keys: [await exportJWK(publicKey)] }
    const mine = { organisation_id: ourOrganisation, listener_id: 'desk', name: 'Signer', scopes: ['hooks'], jwks }
    await ok(theirs.call('createClient', { as: theirs.admin, body: mine }))
    const assertion = (clientId: string) =>
      new SignJWT()
        .setProtectedHeader({ alg: 'ES256' })
        .setIssuer(clientId)
        .setSubject(clientId)
        .setAudience(theirs.service.url)
        .setExpirationTime('1m')
        .setJti(randomUUID())
        .sign(privateKey)
    const ask = async (clientId: string) =>
      theirs.call('issueToken', {
        body: {
          grant_type: 'client_credentials',
          client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
          client_assertion: await assertion(clientId),
        },
      })
    const [answer, expected] = [await ask(foreign.client as string), await ask(absent.client as string)]
    expect(answer.status).toBe(401)
    expect(comparable(answer, foreign.client as string)).toEqual(comparable(expected, absent.client as string))
  })

  test('does not get the answer to a key of another organisation', async () => {
    const headers = { 'idempotency-key': randomUUID() }
    const body = { user_id: foreign.user, ...HELLO, sender: 'aeu' }
    await ok(theirs.call('sendMessage', { as: theirs.cast.desk, body, headers }))
    const answer = await theirs.call('sendMessage', { as: ours.desk, body, headers })
    expect([answer.status, answer.headers.get('idempotency-replayed')]).toEqual([404, null])
  })

  test('reaches nothing of another listener of its own organisation', async () => {
    const { call, cast } = theirs
    for (const operation of ['enableHook', 'disableHook', 'rotateHookSecret', 'testHook', 'unregisterHook'] as const) {
      const answer = await call(operation, { as: cast.sac, body: { id: foreign.hook } })
      expect([operation, answer.status, answer.body.code]).toEqual([operation, 404, 'hook_not_found'])
    }
    for (const operation of ['getDelivery', 'retryDelivery', 'skipDelivery'] as const) {
      const answer = await call(operation, { as: cast.sac, body: { id: foreign.waitingDelivery } })
      expect([operation, answer.status, answer.body.code]).toEqual([operation, 404, 'delivery_not_found'])
    }
    const replayed = await call('replayDeliveries', { as: cast.sac, body: { ids: [foreign.delivery] } })
    expect([replayed.status, replayed.body.code]).toEqual([404, 'delivery_not_found'])
    expect((await ok(call('listDeliveries', { as: cast.sac, body: {} }))).deliveries).toEqual([])
    expect((await ok(call('listHooks', { as: cast.sac }))).hooks).toEqual([])
  })

  test('that is an operator’s speaks for no organisation', async () => {
    for (const operation of contract.operations.values()) {
      const name = operation.operationId as OperationName
      const caller = permitted(theirs, operation)
      if (!caller || caller === theirs.admin) continue
      const answer = await theirs.call(name, {
        as: theirs.admin,
        body: wellFormed(operation),
        query: neededQuery(name),
      })
      expect([name, answer.status, answer.body.code]).toEqual([name, 403, 'insufficient_scope'])
    }
  })

  test('that is a listener’s keeps to what is theirs with their token', async () => {
    const [own, other] = [foreign.token as string, (await theirs.service.login(ours.desk.credentials)).token]
    const ids = async (token: string) =>
      (await ok(theirs.call('listHooks', { token }))).hooks.map(({ id }: { id: string }) => id)
    expect(await ids(own)).toEqual([foreign.hook])
    expect(await ids(other)).toEqual([])
  })
})
