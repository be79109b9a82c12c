/** What users, an assistant and a desk do before the upgrade and after it, and how everything has to stand in the end. */

import { BenchProcess } from '../../bench/processes.js'
import { messageCall } from '../../bench/tract.js'
import type { Service } from '../../ci/service.mjs'
import type { Desks, Listener } from './desks.js'

const CONNECTIONS = 64

/** Of a hundred users; and each one's messages, those that the desk hears, the conversation it is in, and who has control. */
const KINDS = [
  { prefix: 'ended', share: 5, messages: [1, 2], desk: [1], conversation: 2, owner: 'iva' },
  { prefix: 'passed', share: 5, messages: [1, 2], desk: [1, 2], conversation: 1, owner: 'desk' },
  { prefix: 'waiting', share: 10, messages: [1, 2, 3], desk: [], conversation: 1, owner: 'iva' },
  { prefix: 'once', share: 80, messages: [1, 2], desk: [], conversation: 1, owner: 'iva' },
] as const
type Prefix = (typeof KINDS)[number]['prefix']

/** Of one user in this number, the conversations are compared. */
const SAMPLED = 500

export interface Story {
  users: number
  desks: Desks
  say: (text: string) => void
}

const countOf = ({ users }: Story, prefix: Prefix) =>
  (users * (KINDS.find((kind) => kind.prefix === prefix)?.share ?? 0)) / 100

/** One call for each user of those kinds, each of which is answered 2xx. */
class Calls {
  private constructor(
    private readonly load: BenchProcess,
    private readonly port: number,
    private readonly story: Story,
  ) {}

  static async during(service: Service, story: Story, work: (calls: Calls) => Promise<void>): Promise<void> {
    const load = await BenchProcess.start('load')
    try {
      await work(new Calls(load, Number(new URL((await service.demoFile()).url).port), story))
    } finally {
      await load.stop()
    }
  }

  async make(call: { path: string; token: string; body: string }, ...prefixes: Prefix[]): Promise<void> {
    for (const prefix of prefixes) {
      const count = countOf(this.story, prefix)
      const users = { prefix: `${prefix}-`, count }
      await this.load.call('flood', {
        ...call,
        users,
        port: this.port,
        connections: CONNECTIONS,
        patient: true,
        calls: count,
      })
    }
  }
}

const anyone = { prefix: '', count: 1 }
const ALL = KINDS.map(({ prefix }) => prefix)

/** Every user has written; some are with the desk, some have been, and of some there is a message that is not delivered yet. */
export async function fill(service: Service, story: Story): Promise<void> {
  const { users, desks } = story
  for (const listener of ['iva', 'desk'] satisfies Listener[]) {
    const hook = { category: 'message', subcategory: 'receive', url: desks.urlOf(listener) }
    await service.call(listener, 'POST', '/tract/hooks/register/', hook)
  }
  const writing = messageCall(await service.token('message_delivery'), anyone)
  const first = { ...writing, body: JSON.stringify({ ...JSON.parse(writing.body), user: { user_name: 'Asha Rao' } }) }
  const passing = { user_id: '%user', type: 'pass', requester: 'iva', receiver: 'desk' }
  const ending = { user_id: '%user', type: 'conversation_state', subtype: 'complete' }
  const by = async (listener: Listener, path: string, body: object) => ({
    path,
    token: await service.token(listener),
    body: JSON.stringify(body),
  })
  await Calls.during(service, story, async (calls) => {
    await calls.make(first, ...ALL)
    await calls.make(await by('iva', '/tract/thread_control/request', passing), 'ended', 'passed')
    await desks.reach('iva', users)
    await desks.reach('desk', countOf(story, 'ended') + countOf(story, 'passed'))
    await calls.make(await by('desk', '/tract/event/send/', ending), 'ended')
    desks.isDown = true
    await calls.make(writing, 'waiting')
  })
}

/** What waited comes, and another message of everyone. */
export async function goOn(service: Service, story: Story): Promise<void> {
  const { users, desks } = story
  desks.isDown = false
  await desks.reach('iva', users + countOf(story, 'waiting'))
  const writing = messageCall(await service.token('message_delivery'), anyone)
  await Calls.during(service, story, (calls) => calls.make(writing, ...ALL))
  const heardByDesk = KINDS.reduce((sum, { prefix, desk }) => sum + countOf(story, prefix) * desk.length, 0)
  await desks.reach('iva', 2 * users + countOf(story, 'waiting'))
  await desks.reach('desk', heardByDesk)
  for (const { prefix, messages, desk } of KINDS)
    for (let index = 0; index < countOf(story, prefix); index++) {
      desks.expect('iva', `${prefix}-${index}`, messages)
      desks.expect('desk', `${prefix}-${index}`, desk)
    }
  await compareThreads(service, story)
  await compareConversations(service, story)
}

/** Every thread that there is, in one export. */
async function compareThreads(service: Service, { users, desks, say }: Story): Promise<void> {
  const { url, organisation } = await service.demoFile()
  const headers = { authorization: `Bearer ${await service.token('admin')}` }
  const query = new URLSearchParams({ organisation_id: organisation, format: 'ndjson' })
  const response = await fetch(`${url}/platform/threads/export/?${query}`, { headers })
  const threads = (await response.text())
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  if (threads.length !== users) desks.wrong.push(`there are ${threads.length} threads of ${users} users`)
  for (const { user_id, owner, conversation_number, pending_deliveries } of threads) {
    const kind = KINDS.find(({ prefix }) => user_id.startsWith(`${prefix}-`))
    const stands = [owner, Number(conversation_number), pending_deliveries].join(', ')
    const right = [kind?.owner, kind?.conversation, 0].join(', ')
    if (stands !== right) desks.wrong.push(`the thread of ${user_id} is at (${stands}), not at (${right})`)
  }
  say(`${threads.length} threads compared`)
}

/** Rows that this version keeps, and made of what the one before had. */
async function compareConversations(service: Service, story: Story): Promise<void> {
  let compared = 0
  for (const { prefix, conversation, owner } of KINDS)
    for (let index = 0; index < countOf(story, prefix); index += SAMPLED) {
      const user_id = `${prefix}-${index}`
      const listed = await service.call('iva', 'POST', '/tract/conversations/list/', { user_id })
      const numbers = listed.conversations.map((one: { conversation_number: string }) =>
        Number(one.conversation_number),
      )
      const right = Array.from({ length: conversation }, (_, place) => conversation - place)
      const [newest] = listed.conversations
      if (numbers.join() !== right.join() || newest.owners.at(-1)?.owner !== owner || newest.closed_at)
        story.desks.wrong.push(`the conversations of ${user_id} are ${JSON.stringify(listed.conversations)}`)
      compared++
    }
  story.say(`the conversations of ${compared} users compared`)
}
