/**
 * The tables of docs/thread-control.md are what really happens: each action is done on a real service, and what every
 * listener was sent is written down. `TRACT_RECORD=1` writes the tables anew; otherwise they are compared.
 */
import { readFile, writeFile } from 'node:fs/promises'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { eventCatalogue } from '@tract/contract'
import { type Caller, ok } from '@tract/testing/call'
import type { Received, Receiver } from '@tract/testing/receiver'
import { TestService } from '@tract/testing/service'
import { ago } from '@tract/testing/stored'
import { until } from '@tract/testing/until'
import { type Action, actionsOf } from './hearing-actions.js'

const GUIDE = new URL('../../../../docs/thread-control.md', import.meta.url)
const BEGIN =
  '<!-- What follows is written by `TRACT_RECORD=1 npm test -- packages/server/test/accept/who-hears-what`. -->'

/** The columns, by what each listener is in all of the actions. */
const CAST = {
  iva: 'assistant',
  desk: 'desk',
  other: 'another desk',
  quiet: 'a desk without standby',
  md: 'message delivery',
  watcher: 'observer',
} as const
type Name = keyof typeof CAST
const NAMES = Object.keys(CAST) as Name[]
const HOOKS = eventCatalogue
  .filter(({ type }) => type !== 'hook_events')
  .map(({ type, subtype }) => `${type}.${subtype}`)

let service: TestService
let organisation_id: string
let listeners: Record<Name, Caller>
const receivers = {} as Record<Name, Receiver>

beforeAll(async () => {
  service = await TestService.start()
  const kinds = { iva: 'iva', desk: 'ect', other: 'ect', quiet: 'ect', md: 'md', watcher: 'analytics' } as const
  const world = await service.world(
    kinds,
    { returned_message: 'Nobody is free just now.' },
    { quiet: { standby: false } },
  )
  listeners = world.listeners
  organisation_id = world.organisation
  for (const name of NAMES) {
    receivers[name] = await world.receiver(name, ...HOOKS)
  }
})
afterAll(() => service.close())

const write = (user_id: string, message_body = 'Hello') =>
  ok(listeners.md.post('/platform/message/send/', { user_id, message_body, sender: 'ceu', user: {} }))
const event = (by: string, user_id: string, type: string, subtype: string, more: object = {}) =>
  ok(listeners[by as Name].post('/tract/event/send', { user_id, type, subtype, ...more }))
const control = async (by: string, user_id: string, type: string, receiver: string, more: object = {}) => {
  const result = await ok(
    listeners[by as Name].post('/tract/thread_control/request', { user_id, type, receiver, ...more }),
  )
  if (!result.success) throw new Error(JSON.stringify(result))
}
const TWO_DAYS_S = 172_800
/** Its timer runs out as if its time had gone by. */
async function timeGoesBy(user_id: string, column: 'idle' | 'allocation' | 'offer'): Promise<void> {
  const user = { organisation_id, user_id }
  const { offer, memory } = await service.stored.row('threads', user)
  const changes = {
    idle: { last_activity_at: ago(TWO_DAYS_S) },
    offer: { offer: { ...offer, expiresAt: 1 } },
    allocation: { memory: { ...memory, unallocatedSince: Date.now() - 600_000 } },
  }
  await service.stored.ageAttempts(TWO_DAYS_S, user)
  await service.stored.change('threads', { deadline_at: ago(1), ...changes[column] }, user)
  await until(async () => {
    const { deadline_at } = await service.stored.row('threads', user)
    return deadline_at === null || deadline_at > new Date()
  }, 'the timer')
}

async function allocateWithin(seconds: number | null): Promise<void> {
  const admin = await service.admin()
  await ok(admin.post('/platform/organisations/update/', { organisation_id, allocate_within: seconds }))
}

const say = (user_id: string) =>
  ok(listeners.desk.post('/tract/message/send/', { user_id, message_body: 'Hello', sender: 'aeu' }))
const erase = (user_id: string) => ok(listeners.md.post('/platform/user/erase/', { user_id }))
const update = (user_id: string) => ok(listeners.md.post('/platform/user/', { user_id, user_name: 'Asha Rao' }))
const ACTIONS = actionsOf({ write, say, event, control, timeGoesBy, allocateWithin, erase, update })

const atRest = (user_id: string) => service.stored.delivered({ organisation_id, user_id })

/** What there is to know of a delivery, but for who got it. */
interface Row {
  id: string
  hook: string
  conversation: string
  carries: string
  hearers: Set<Name>
}

function rowsOf(user_id: string, seen: ReadonlySet<string>): Row[] {
  const rows = new Map<string, Row>()
  for (const name of NAMES)
    for (const delivery of receivers[name].received) {
      const { body, hook, id } = delivery
      if (body.user_id !== user_id || seen.has(id)) continue
      const row = {
        hook: hook.replace('.', '/'),
        conversation: body.conversation_number ?? '',
        carries: carried(delivery),
      }
      const key = JSON.stringify([row, body.message_id, body.metadata])
      const known = rows.get(key)
      if (!known) rows.set(key, { ...row, id, hearers: new Set([name]) })
      else {
        known.hearers.add(name)
        if (id < known.id) known.id = id
      }
    }
  // ids are drawn in the order in which deliveries are written
  return [...rows.values()].sort((a, b) => (a.id < b.id ? -1 : 1))
}

function carried({ hook, body }: Received): string {
  if (hook === 'user_events.create_user') return 'the user'
  if (hook === 'user_events.update_user') return `the user, \`changed: ${body.changed}\``
  if (hook === 'user_events.erase_user') return 'the user’s ids'
  if (hook === 'message.receive') {
    const by = `a message of \`${body.sender}\``
    return body.history ? `${by}, \`history: true\`` : by
  }
  if (body.metadata === undefined) return ''
  const metadata = JSON.parse(body.metadata)
  return Object.entries(metadata)
    .map(([name, value]) => {
      const isShown = (typeof value !== 'object' || value === null) && name !== 'expires_at'
      return isShown ? `\`${name}: ${value}\`` : `\`${name}\``
    })
    .join(', ')
}

function table({ title }: Action, rows: readonly Row[]): string {
  const head = `### ${title}\n`
  if (rows.length === 0) return `${head}\nNo listener hears of it.\n`
  const cells = (values: readonly string[]) => `| ${values.join(' | ')} |`
  const lines = rows.map(({ hook, conversation, carries, hearers }) =>
    cells([`\`${hook}\``, conversation, carries, ...NAMES.map((name) => (hearers.has(name) ? 'yes' : ''))]),
  )
  const columns = ['hook', 'conversation', 'what it carries', ...Object.values(CAST)]
  return [head, cells(columns), cells(columns.map(() => '---')), ...lines, ''].join('\n')
}

test('who hears what is as the guide says', async () => {
  const tables: string[] = []
  for (const [index, action] of ACTIONS.entries()) {
    const user_id = `user-${index}`
    await action.before(user_id)
    await atRest(user_id)
    const seen = new Set(NAMES.flatMap((name) => receivers[name].received.map(({ id }) => id)))
    await action.act(user_id)
    await atRest(user_id)
    tables.push(table(action, rowsOf(user_id, seen)))
  }
  const guide = await readFile(GUIDE, 'utf8')
  const [before, after] = guide.split(BEGIN)
  expect(after).toBeDefined()
  const written = `${before}${BEGIN}\n\n${tables.join('\n')}`
  if (process.env.TRACT_RECORD) await writeFile(GUIDE, written)
  else expect(guide).toBe(written)
})
