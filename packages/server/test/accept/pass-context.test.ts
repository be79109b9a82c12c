import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { type Caller, ok } from '@tract/testing/call'
import type { Receiver } from '@tract/testing/receiver'
import { TestService } from '@tract/testing/service'

type Name = 'iva' | 'md' | 'desk' | 'salon' | 'deaf'
type Told = Record<string, unknown>

const CONTEXT = {
  reason: 'billing',
  summary: 'The August bill has a charge that Asha does not know.',
  team: 'payments',
  skills: ['refunds', 'english'],
  priority: 'high',
  language: 'en-IN',
  custom: { case: 1024, refund: { amount: 10.5 } },
}
const HOOKS = [
  ...['assigned', 'released', 'requested'].map((subtype) => `thread_control.${subtype}`),
  'conversation_state.incomplete',
  'message.receive',
]

let service: TestService
let organisation_id: string
let listeners: Record<Name, Caller>
const hearers = {} as Record<Name, Receiver>
let users = 0

beforeAll(async () => {
  service = await TestService.start()
  const kinds = { iva: 'iva', md: 'md', desk: 'ect', salon: 'ect', deaf: 'ect' } as const
  const world = await service.world(kinds, {}, { deaf: { standby: false }, desk: { may_pass_to: 'any' } })
  organisation_id = world.organisation
  listeners = world.listeners
  for (const name of Object.keys(kinds) as Name[]) {
    hearers[name] = await world.receiver(name, ...HOOKS)
  }
})
afterAll(() => service.close())

/** A user in conversation with the assistant. */
async function user(): Promise<string> {
  const user_id = `u${++users}`
  const said = { user_id, sender: 'ceu', message_body: 'My bill is wrong', user: {} }
  await ok(listeners.md.post('/platform/message/send/', said))
  return user_id
}

const control = (by: Name, user_id: string, body: Told) =>
  listeners[by].post('/tract/thread_control/request', { user_id, requester: by, ...body })
const pass = (by: Name, user_id: string, receiver: Name, context?: unknown) =>
  ok(control(by, user_id, { type: 'pass', receiver, ...(context !== undefined && { context }) }))

/** As the text of the metadata has it. */
async function heard(name: Name, hook: string, user_id: string): Promise<string> {
  const isIt = (delivery: { hook: string; body: Told }) => delivery.hook === hook && delivery.body.user_id === user_id
  return (await hearers[name].waitFor(isIt, `${hook} at ${name}`)).body.metadata
}

/** The context that each caller sees, and at which listener. */
async function listed(name: Name, user_id: string): Promise<unknown[]> {
  const { listeners: all } = await ok(listeners[name].post('/tract/thread_control/listeners/', { user_id }))
  return all.flatMap(({ id, context }: { id: string; context?: unknown }) => (context ? [[id, context]] : []))
}

describe('the context of a pass', () => {
  test('reaches both sides and all who hear the state, and those who hear the thread see it for as long as it holds', async () => {
    const user_id = await user()
    await pass('iva', user_id, 'desk', CONTEXT)
    const hearing: [Name, string][] = [
      ['iva', 'thread_control.released'],
      ['desk', 'thread_control.assigned'],
      ...(['desk', 'iva', 'md', 'salon'] as const).map((name): [Name, string] => [
        name,
        'conversation_state.incomplete',
      ]),
    ]
    for (const [name, hook] of hearing)
      expect([name, hook, JSON.parse(await heard(name, hook, user_id)).context]).toEqual([name, hook, CONTEXT])
    for (const name of ['desk', 'iva', 'md', 'salon'] as const)
      expect([name, await listed(name, user_id)]).toEqual([name, [['desk', CONTEXT]]])
    expect(await listed('deaf', user_id)).toEqual([])

    const admin = await service.admin()
    const query = new URLSearchParams({ organisation_id, user_id })
    expect((await ok(admin.get(`/platform/threads/get/?${query}`))).context).toEqual(CONTEXT)

    await pass('desk', user_id, 'salon')
    expect(await listed('salon', user_id)).toEqual([])
    expect((await ok(admin.get(`/platform/threads/get/?${query}`))).context).toBeUndefined()
  })

  test('keeps every digit', async () => {
    const user_id = await user()
    const body = JSON.stringify({ user_id, type: 'pass', requester: 'iva', receiver: 'desk', context: { custom: {} } })
    const custom = '{"case":12345678901234567890,"share":0.1000000000000000055511151231257827}'
    const sent = body.replace('"custom":{}', `"custom":${custom}`)
    expect((await ok(listeners.iva.post('/tract/thread_control/request', sent))).success).toBe(true)
    expect(await heard('desk', 'thread_control.assigned', user_id)).toContain(custom)
    // it was stored, and the next conversation tells it as it was
    await ok(listeners.desk.post('/tract/event/send', { user_id, type: 'conversation_state', subtype: 'complete' }))
    const answer = await listeners.desk.post('/tract/thread_control/listeners/', { user_id })
    expect(answer.text).not.toContain('context')
    await ok(listeners.iva.post('/tract/thread_control/request', sent))
    const { text } = await listeners.desk.post('/tract/thread_control/listeners/', { user_id })
    expect(text).toContain('12345678901234567890')
  })

  test('null is none', async () => {
    const user_id = await user()
    await pass('iva', user_id, 'desk', null)
    expect(JSON.parse(await heard('desk', 'thread_control.assigned', user_id))).not.toHaveProperty('context')
  })
})

test('the context of a request reaches the owner, stands with the request, and comes along where it is granted', async () => {
  const user_id = await user()
  const asked = { type: 'request', receiver: 'desk', context: { reason: 'mine' } }
  expect(await ok(control('desk', user_id, asked))).toMatchObject({ status: 'pending' })
  expect(JSON.parse(await heard('iva', 'thread_control.requested', user_id)).context).toEqual({ reason: 'mine' })
  const admin = await service.admin()
  const query = new URLSearchParams({ organisation_id, user_id })
  const { pending_request } = await ok(admin.get(`/platform/threads/get/?${query}`))
  expect(pending_request).toMatchObject({ from: 'desk', context: { reason: 'mine' } })
  await pass('iva', user_id, 'desk')
  expect(await listed('iva', user_id)).toEqual([['desk', { reason: 'mine' }]])
})

describe('a context that breaks a limit is refused by the name of its field, and control stays', () => {
  const long = (length: number) => 'x'.repeat(length)
  test.each<[unknown, string, RegExp]>([
    [{ reason: long(129) }, '/context/reason', /128/],
    [{ summary: long(4097) }, '/context/summary', /4096/],
    [{ team: long(129) }, '/context/team', /128/],
    [{ team: '' }, '/context/team', /1 char/],
    [{ skills: Array(21).fill('x') }, '/context/skills', /20 items/],
    [{ skills: ['x', long(65)] }, '/context/skills/1', /64/],
    [{ priority: 'highest' }, '/context/priority', /low, normal, high, urgent/],
    [{ language: 'english please' }, '/context/language', /BCP 47/],
    [{ language: 'en_IN' }, '/context/language', /BCP 47/],
    [{ custom: { note: long(4090) } }, '/context/custom', /4096 bytes as JSON, and has 4101/],
    [{ custom: { note: '€'.repeat(1362) } }, '/context/custom', /4096 bytes as JSON, and has 4097/],
    [{ custom: [] }, '/context/custom', /object/],
    [{ mood: 'bad' }, '/context/mood', /no field/],
    ['billing', '/context', /object/],
  ])('%j', async (context, path, message) => {
    const user_id = await user()
    const { status, body } = await control('iva', user_id, { type: 'pass', receiver: 'desk', context })
    expect([status, body.code, body.success]).toEqual([400, 'invalid_request', false])
    expect(body.issues).toEqual([{ path, message: expect.stringMatching(message) }])
    const { listeners: all } = await ok(listeners.iva.post('/tract/thread_control/listeners/', { user_id }))
    expect(all.find(({ active }: { active: boolean }) => active).id).toBe('iva')
  })

  test.each(['en', 'en-IN', 'zh-Hant-TW', 'de-CH-1996', 'sl-rozaj-biske', 'es-419', 'en-u-ca-buddhist', 'hi-x-mixed'])(
    'the language %s is one',
    async (language) => {
      const user_id = await user()
      await pass('iva', user_id, 'desk', { language })
      expect(await listed('desk', user_id)).toEqual([['desk', { language }]])
    },
  )

  test('as large as may be, it goes through', async () => {
    const user_id = await user()
    const context = {
      reason: '€'.repeat(128),
      summary: '€'.repeat(4096),
      team: long(128),
      skills: Array.from({ length: 20 }, (_, n) => `${n}`.padEnd(64, 'x')),
      custom: { note: long(4085) },
    }
    await pass('iva', user_id, 'desk', context)
    expect(await listed('md', user_id)).toEqual([['desk', context]])
    await ok(listeners.desk.post('/tract/message/send/', { user_id, sender: 'aeu', message_body: 'Hello' }))
    expect(JSON.parse(await heard('md', 'conversation_state.incomplete', user_id)).context).toEqual(context)
  })
})
