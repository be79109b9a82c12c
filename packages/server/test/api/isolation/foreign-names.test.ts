import { describe, expect, test } from '@jest/globals'
import { ok } from '@tract/testing/call'
import type { OperationName } from '../recipes/recipe.js'
import {
  type Attempt,
  absent,
  comparable,
  contract,
  foreign,
  HELLO,
  type Ids,
  ours,
  theirs,
  useTwoOrganisations,
} from './two-organisations.js'

useTwoOrganisations()

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
  one('linkUser', 'user', { ect_user_id: 'case-2' }),
  one('listThreadListeners', 'user'),
  one('listConversations', 'user'),
  one('getConversation', 'user', { conversation_number: '1' }),
  one('listMessages', 'user'),
  one('sendPlatformEvent', 'user', { type: 'user_events', subtype: 'feedback', metadata: '{"score": 5}' }),
  ...(['sendEvent', 'sendPlatformEvent'] as const).flatMap((operation) => [
    one(operation, 'user', {
      type: 'message',
      subtype: 'edited',
      metadata: '{"message_id": 1, "message_body": "Mine"}',
    }),
    one(operation, 'user', { type: 'message', subtype: 'deleted', metadata: '{"message_id": 1}' }),
  ]),
  one('sendTyping', 'user', { on: true }),
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
  ...(['linkAttachment', 'unlinkAttachment'] as const).map((operation) => one(operation, 'attachment')),
  { operation: 'getAttachment', about: 'attachment', params: ({ attachment }) => ({ id: attachment as string }) },
  { operation: 'streamHooks', about: 'stream', body: ({ stream }) => ({ stream, wait: 0 }) },
  ...(['replayDeliveries', 'previewReplay'] as const).flatMap((operation) => [
    { operation, about: 'delivery', body: ({ delivery }: Ids) => ({ ids: [delivery] }) } as const,
    { operation, about: 'user', body: ({ user }: Ids) => ({ filter: { user_id: user } }) } as const,
  ]),
  { operation: 'getAvailability', about: 'listener', body: ({ listener }) => ({ receiver: listener }) },
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
  ...(['retryDeliveries', 'skipDeliveries'] as const).map((operation) => ({
    operation,
    about: 'user',
    body: ({ user }: Ids) => ({ user_id: user }),
  })),
  ...(['listDeliveryHealth', 'listDeliveryFaults', 'getOverview', 'listThreads', 'exportThreads'] as const).map(
    (operation) => ({
      operation,
      about: 'organisation',
      query: ({ organisation }: Ids) => ({ organisation_id: organisation as string }),
    }),
  ),
  ...(['streamChanges', 'exportDeliveries'] as const).map((operation) => ({
    operation,
    about: 'organisation',
    query: ({ organisation }: Ids) => ({ organisation_id: organisation as string }),
  })),
  ...(['getThread', 'listTimeline', 'exportMessages'] as const).map((operation) => ({
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

describe('what is another organisation’s is answered exactly as what does not exist, and stays as it is:', () => {
  test.each(attempts)('$about in $operation', async ({ operation, about, body, query, params }) => {
    const { scopes } = contract.operation(operation)
    // no client of ours may provision: then every call is refused
    const as = scopes.length === 0 ? undefined : ours.iva
    const before = await theirs.service.stored.digest(theirs.organisation)
    const ask = (ids: Ids) =>
      theirs.call(operation, {
        as,
        body: body?.(ids),
        query: query?.(ids) ?? {},
        ...(params && { params: params(ids) }),
      })
    const answer = await ask(foreign)
    const expected = await ask(absent)
    expect(comparable(answer, foreign[about] as string)).toEqual(comparable(expected, absent[about] as string))
    expect(contract.problems(operation, answer)).toEqual([])
    expect(answer.text).not.toMatch(/theirs@example|their-desk|case-1/)
    expect(await theirs.service.stored.digest(theirs.organisation)).toEqual(before)
  })

  test('every operation that names something is tried', () => {
    const tried = new Set(attempts.map(({ operation }) => operation as string))
    const nothingOfOthers = [
      ...['getJwks', 'getAuthorizationServerMetadata', 'listHooks', 'registerHook', 'upsertUser'],
      ...['createOrganisation', 'listOrganisations', 'rotateSigningKey', 'setAvailability', 'whoAmI'],
      ...['createSession', 'getSession', 'endSession'],
      // an attempt lives for seconds: deliver/streams/hook-streams.test.ts tries another's
      'answerHooks',
      // a link is a secret of its own, and names nothing
      ...['uploadAttachment', 'openAttachmentLink'],
      // RFC 7009 §2.1: another client's token is refused, and its holder can tell anyway whether it is valid
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
    const before = await theirs.service.stored.digest(theirs.organisation)
    const heard = theirs.receiver.received.length
    const known = { user_name: 'Ours', details: { plan: 'ours' } }
    await ok(theirs.call('upsertUser', { as: ours.md, body: { user_id: user, ...known } }))
    await ok(theirs.call('sendPlatformMessage', { as: ours.md, body: { user_id: user, ...HELLO, sender: 'ceu' } }))
    const answer = await ok(theirs.call('getUser', { as: ours.desk, body: { user_id: user } }))
    expect(answer).toEqual({ user_id: user, user_name: 'Ours', details_available: ['plan'] })
    const { listeners } = await ok(theirs.call('listThreadListeners', { as: ours.desk, body: { user_id: user } }))
    expect(listeners.filter(({ active }: { active: boolean }) => active)).toMatchObject([{ id: 'iva' }])
    await ok(theirs.call('eraseUser', { as: ours.md, body: { user_id: user } }))
    expect(await theirs.service.stored.digest(theirs.organisation)).toEqual(before)
    expect(theirs.receiver.received.length).toBe(heard)
  })

  test('of a hook is another hook here', async () => {
    const before = await theirs.service.stored.digest(theirs.organisation)
    const body = { category: 'message', subcategory: 'receive', url: 'http://127.0.0.1:9/' }
    const { id } = await ok(theirs.call('registerHook', { as: ours.desk, body }))
    expect(id).not.toBe(foreign.hook)
    const { hooks } = await ok(theirs.call('listHooks', { as: ours.desk }))
    expect(hooks.map((hook: { id: string }) => hook.id)).toEqual([id])
    await ok(theirs.call('unregisterHook', { as: ours.desk, body: { id } }))
    expect(await theirs.service.stored.digest(theirs.organisation)).toEqual(before)
  })
})
