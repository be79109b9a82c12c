import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { scopesOf } from '../../../packages/testing/src/world.js'
import type { HookState } from '../history/history.js'
import { LISTENER_NAMES, LISTENERS, type ListenerName } from '../plan/listeners.js'
import { UNREACHABLE_AFTER_MS } from '../settings.js'
import { type Answered, Caller, type Credentials, type Urls } from './caller.js'
import type { Clock } from './clock.js'
import { HookLedger } from './hook-ledger.js'

export const MESSAGES = 'message/receive'
const CORRECTIONS = ['message/edited', 'message/deleted']
const RATINGS = 'user_events/feedback'

const ENDS_OF_OFFERS = ['accepted', 'declined', 'expired', 'withdrawn']
const control = (...subtypes: string[]) => subtypes.map((subtype) => `thread_control/${subtype}`)
const states = (...subtypes: string[]) => subtypes.map((subtype) => `conversation_state/${subtype}`)

/** What each listener hears. All of it goes through the same lanes. */
const HOOKS: Record<ListenerName, readonly string[]> = {
  md: [MESSAGES, ...CORRECTIONS],
  iva: [MESSAGES, ...CORRECTIONS, RATINGS, ...states('bot', 'complete'), ...control('returned', ...ENDS_OF_OFFERS)],
  desk: [
    MESSAGES,
    ...CORRECTIONS,
    RATINGS,
    'user_events/create_user',
    ...states('incomplete'),
    ...control('assigned', 'offered', 'expired', 'withdrawn'),
  ],
  other: [MESSAGES, ...CORRECTIONS, ...control('offered', 'expired', 'withdrawn')],
  observer: [
    MESSAGES,
    ...CORRECTIONS,
    RATINGS,
    ...states('bot', 'incomplete', 'complete'),
    ...control('assigned', 'offered', ...ENDS_OF_OFFERS),
  ],
}

/** Timers come due within a run, and control returns from a listener that cannot be reached. */
const SETTINGS = { idle_complete_after: 15, unreachable_after: UNREACHABLE_AFTER_MS / 1_000 }

/** An organisation, set up through the API, and what its listeners know of their hooks. */
export class Organisation {
  private constructor(
    readonly id: string,
    readonly callers: Record<ListenerName, Caller>,
    readonly ledgers: Record<ListenerName, Map<string, HookLedger>>,
  ) {}

  static async create(dataDir: string, urls: Urls, onFailure: (why: string) => void): Promise<Organisation> {
    const { admin } = JSON.parse(await readFile(join(dataDir, 'admin.json'), 'utf8')) as { admin: Credentials }
    const operator = new Caller(urls, admin)
    const { id } = await made(operator, '/platform/organisations/', { name: 'Faults', ...SETTINGS })
    const callers: Partial<Record<ListenerName, Caller>> = {}
    for (const listener_id of LISTENER_NAMES) {
      const kind = LISTENERS[listener_id]
      const listener = { organisation_id: id, listener_id }
      const standby = listener_id === 'other' ? { standby: false } : {}
      await made(operator, '/platform/listeners/', { ...listener, kind, ...standby })
      const named = { ...listener, name: listener_id, scopes: scopesOf(kind) }
      const client = await made(operator, '/platform/clients/', named)
      const credentials = { client_id: client.client.client_id, client_secret: client.client_secret }
      callers[listener_id] = new Caller(urls, credentials, onFailure)
    }
    const ledgers = Object.fromEntries(LISTENER_NAMES.map((name) => [name, new Map<string, HookLedger>()]))
    return new Organisation(id, callers as Record<ListenerName, Caller>, ledgers as Organisation['ledgers'])
  }

  /** Registers everything that the listener hears. */
  async hear(listener: ListenerName, port: number, url: (hook: string) => string, clock: Clock): Promise<void> {
    for (const hook of HOOKS[listener]) {
      const [category, subcategory] = hook.split('/')
      const from = clock()
      const body = { category, subcategory, url: url(hook) }
      const { id, signing_secret } = await made(this.callers[listener], '/tract/hooks/register/', body)
      const ledger = new HookLedger(id)
      ledger.changed({ port, status: 'active', version: 1, from, answeredAt: clock() })
      ledger.learned(1, signing_secret)
      this.ledgers[listener].set(hook, ledger)
    }
  }

  /** What each hook was, by `listener category/subcategory`. */
  get hooks(): Record<string, HookState[]> {
    return Object.fromEntries(
      LISTENER_NAMES.flatMap((listener) =>
        [...this.ledgers[listener]].map(([hook, { states }]) => [`${listener} ${hook}`, states]),
      ),
    )
  }
}

let calls = 0

// biome-ignore lint/suspicious/noExplicitAny: answers of every shape
export async function made(caller: Caller, path: string, body: object): Promise<any> {
  const { status, body: answer } = (await caller.post(path, body, `setup-${++calls}`)) as Answered
  if (status !== 200) throw new Error(`${path} answered ${status}: ${JSON.stringify(answer)}`)
  return answer
}
