/** Threads found by their last activity, by the names of users, and by what was said. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { ThreadList } from '@tract/contract'
import { type Caller, ok } from '@tract/testing/call'
import { TestService } from '@tract/testing/service'
import { until } from '@tract/testing/until'
import type { World } from '@tract/testing/world'
import { bucketOf } from '../../src/lanes/bucket.js'

let service: TestService
let admin: Caller
let world: World<'iva' | 'md'>

beforeAll(async () => {
  service = await TestService.start({ search: { lag: 50, round: 1_000, rest: 0 } })
  admin = await service.admin()
  world = await service.world({ iva: 'iva', md: 'md' })
})
afterAll(() => service.close())

const say = (userId: string, message_body: unknown, user_name = 'Asha', by = world): Promise<{ message_id: number }> =>
  ok(
    by.listeners.md.post('/platform/message/send/', {
      user_id: userId,
      message_body,
      sender: 'ceu',
      user: { user_name },
    }),
  )

const correct = (subtype: string, metadata: object, userId: string) =>
  ok(
    world.listeners.md.post('/platform/event/send/', {
      user_id: userId,
      type: 'message',
      subtype,
      metadata: JSON.stringify(metadata),
    }),
  )

const ask = (parameters: Record<string, string | number>, organisation = world.organisation) =>
  admin.get(
    `/platform/threads/?${new URLSearchParams({ organisation_id: organisation, ...parameters } as Record<string, string>)}`,
  )
const list = (parameters: Record<string, string | number>): Promise<ThreadList> => ok(ask(parameters))
const users = async (parameters: Record<string, string | number>) =>
  (await list(parameters)).threads.map(({ user_id }) => user_id)

/** All pages of a list. */
async function all(parameters: Record<string, string | number>, between: () => Promise<unknown> = async () => {}) {
  const found: string[] = []
  let after: string | undefined
  do {
    const page = await list({ ...parameters, ...(after && { after }) })
    found.push(...page.threads.map(({ user_id }) => user_id))
    after = page.next
    await between()
  } while (after !== undefined)
  return found
}

const readTo = async (userId: string) =>
  (await service.stored.rows('message_words', { user_id: userId }, 'message_id')).at(-1)?.message_id ?? null

/** Until all that was said on the thread has been read. */
const isRead = async (userId: string, messageId: number) =>
  until(async () => (await readTo(userId)) >= messageId, `that message ${messageId} of ${userId} is read`)

describe('by their last activity', () => {
  test('the newest come first, in pages that leave none out, and none twice', async () => {
    for (const user of ['one', 'two', 'three', 'four', 'five']) await say(`act-${user}`, 'Hello')
    await say('act-two', 'Hello again')
    const prefix = { user_id_prefix: 'act-', order: 'last_activity' }
    const expected = ['act-two', 'act-five', 'act-four', 'act-three', 'act-one']
    expect(await users(prefix)).toEqual(expected)
    expect(await all({ ...prefix, limit: 2 })).toEqual(expected)
    expect(await all({ order: 'last_activity', limit: 1, state: 'bot' })).toEqual(
      expect.arrayContaining(await users({ state: 'bot' })),
    )
  })

  test('one that moves between two pages is not met again, and takes no other away', async () => {
    const prefix = { user_id_prefix: 'act-', order: 'last_activity', limit: 1 }
    let isMoved = false
    const found = await all(prefix, async () => {
      if (!isMoved) await say('act-one', 'Now first')
      isMoved = true
    })
    expect(found).toEqual(['act-two', 'act-five', 'act-four', 'act-three'])
    expect((await users(prefix))[0]).toBe('act-one')
  })

  test('those from before they were found so are, once they have been gone through', async () => {
    await say('old', 'Hello')
    const longAgo = { active_in: null, last_activity_at: new Date('2020-01-01') }
    await service.stored.change('threads', longAgo, { user_id: 'old' })
    await until(async () => (await all({ order: 'last_activity' })).at(-1) === 'old', 'the old thread')
  })

  test.each(['x', '1', '/u', '1x/u', '9999999999999999/u', '\u0000'])(
    'a cursor %j that no page ended with is refused',
    async (after) => {
      const { status, body } = await ask({ order: 'last_activity', after })
      expect([status, body.code]).toEqual([400, 'invalid_request'])
    },
  )
})

describe('by the name of the user', () => {
  test('what it begins with, in any case', async () => {
    await say('name-1', 'Hello', 'Émile Zola')
    await say('name-2', 'Hello', 'ÉMILIE')
    await say('name-3', 'Hello', '100%_\\ sure')
    expect(await users({ user_name_prefix: 'émil' })).toEqual(['name-1', 'name-2'])
    expect(await users({ user_name_prefix: 'Émilie' })).toEqual(['name-2'])
    expect(await users({ user_name_prefix: '100%_\\' })).toEqual(['name-3'])
    expect(await users({ user_name_prefix: '%' })).toEqual([])
    expect(await all({ user_name_prefix: 'é', order: 'last_activity', limit: 1 })).toEqual(['name-2', 'name-1'])
  })

  test('follows a new name', async () => {
    await say('name-2', 'Hello', 'Zoë')
    expect(await users({ user_name_prefix: 'émil' })).toEqual(['name-1'])
    expect(await users({ user_name_prefix: 'ZOË', state: 'bot' })).toEqual(['name-2'])
  })
})

describe('by what was said', () => {
  test('all of the words in one message, in any order and case, with the newest that has them', async () => {
    await say('said-1', 'The invoice of AUGUST is wrong')
    await say('said-1', 'invoice 4711')
    const { message_id } = await say('said-1', 'Is the wrong invoice mine?')
    await isRead('said-1', message_id)
    const { threads } = await list({ text: 'WRONG invoice' })
    expect(threads).toMatchObject([{ user_id: 'said-1', found: { message_id, text: 'Is the wrong invoice mine?' } }])
    expect(await users({ text: 'august 4711' })).toEqual([])
    expect(await users({ text: 'invoic' })).toEqual([])
    expect(await users({ text: 'invoice', user_name_prefix: 'someone else' })).toEqual([])
    expect((await list({ user_id_prefix: 'said-1' })).threads[0]).not.toHaveProperty('found')
  })

  test('what people see of cards and buttons, and nothing that is for programs', async () => {
    const reply = {
      actionable_text: 'Gutschrift prüfen',
      is_default: 0,
      type: 'TEXT_ONLY',
      payload: { message: 'x', gogo_message: 'hiddenword' },
    }
    await ok(
      world.listeners.iva.post('/platform/message/send/', {
        user_id: 'said-1',
        message_body: { text: 'Was nun?', type: 'TEXT', data: { quick_replies: [reply] } },
        sender: 'iva',
      }),
    )
    await until(async () => (await users({ text: 'gutschrift PRÜFEN' })).length === 1)
    expect(await users({ text: 'hiddenword' })).toEqual([])
  })

  test('an edit by its new words, and nothing of a deleted message', async () => {
    const edited = await say('said-2', 'platypus')
    const deleted = await say('said-2', 'wombat')
    const last = await say('said-2', 'echidna')
    await isRead('said-2', last.message_id)
    await correct('edited', { message_id: edited.message_id, message_body: 'numbat' }, 'said-2')
    await correct('deleted', { message_id: deleted.message_id }, 'said-2')
    expect(await users({ text: 'numbat' })).toEqual(['said-2'])
    for (const text of ['platypus', 'wombat']) expect(await users({ text })).toEqual([])
  })

  test('nothing that another organisation said, nor of an erased user', async () => {
    const other = await service.world({ iva: 'iva', md: 'md' })
    await say('foreign', 'quokka', 'Asha', other)
    const { message_id } = await say('said-3', 'quokka')
    await isRead('foreign', 1)
    await isRead('said-3', message_id)
    expect(await users({ text: 'quokka' })).toEqual(['said-3'])
    await ok(world.listeners.md.post('/platform/user/erase/', { user_id: 'said-3' }))
    expect(await users({ text: 'quokka' })).toEqual([])
    expect(await readTo('said-3')).toBeNull()
    expect(
      (await world.listeners.md.get(`/platform/threads/?organisation_id=${world.organisation}&text=quokka`)).status,
    ).toBe(403)
  })

  test('words that very many messages have, by the newest of each thread', async () => {
    const { message_id } = await say('said-4', 'frequentword')
    await isRead('said-4', message_id)
    const many = `insert into message_words select $1, $2, 'said-4', n, (select words from message_words where user_id = 'said-4' and message_id = $3)
      from generate_series(1001, 11001) n`
    await service.stored.pool.query(many, [bucketOf(world.organisation, 'said-4'), world.organisation, message_id])
    for (const order of ['user_id', 'last_activity']) {
      expect(await all({ text: 'frequentword', order })).toEqual(['said-4'])
      expect(await all({ text: 'frequentword', order, controller: 'nobody' })).toEqual([])
    }
  })

  test.each([
    '\' & | ! <-> :* ( \\ " x',
    "x' | 'y",
    "it''s",
    '<script>',
    'a'.repeat(256),
    'a '.repeat(128),
    'a\u2028b',
    '\ud83d\ude00 a',
  ])('text like %j is words and nothing else', async (text) => {
    expect((await ask({ text })).status).toBe(200)
  })

  test.each(['!', ' … ', '\u0000', 'a\u0000b', 'a'.repeat(257)])('%j is refused', async (text) => {
    const { status, body } = await ask({ text })
    expect([status, body.code, body.issues[0].path]).toEqual([400, 'invalid_request', '?text'])
  })

  test('messages from before they were read are found, once their threads have been gone through', async () => {
    const { message_id } = await say('said-5', 'quoll')
    await isRead('said-5', message_id)
    await service.stored.remove('message_words', { user_id: 'said-5' })
    await until(async () => (await users({ text: 'quoll' })).length === 1, 'what was not read')
  })
})
