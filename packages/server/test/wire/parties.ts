/** The parties of the recorded conversation: an organisation, its listeners with their clients and hooks, and how they call. */
import { Receiver } from '@tract/testing/receiver'
import type { TestService } from '@tract/testing/service'
import { until } from '@tract/testing/until'
import { type Exchange, Recorder } from './recorder.js'

const LISTENERS = { iva: 'iva', md: 'md', desk: 'ect', analytics: 'analytics' } as const
export type Name = keyof typeof LISTENERS

const VENDOR = [
  'hooks',
  'users:read',
  'messages:write',
  'events:write',
  'threads:read',
  'threads:control',
  'deliveries',
]
const PLATFORM = ['platform:users', 'platform:messages', 'platform:events']

const HOOKS: Record<Name, string[]> = {
  iva: [
    'message.receive',
    'conversation_state.bot',
    'conversation_state.complete',
    'thread_control.requested',
    'thread_control.returned',
  ],
  md: ['message.receive'],
  desk: [
    'user_events.create_user',
    'message.receive',
    'message.read',
    'thread_control.assigned',
    'thread_control.released',
    'thread_control.taken',
    'thread_control.granted',
    'thread_control.returned',
    'conversation_state.incomplete',
    'conversation_state.complete',
  ],
  analytics: ['message.receive', 'conversation_state.pinned', 'aeu_events.allocated', 'aeu_events.entity_update'],
}

export class Parties {
  readonly recorder: Recorder
  readonly #receivers = new Map<Name, Receiver>()
  readonly #tokens = new Map<string, string>()
  organisation = ''

  constructor(private readonly service: TestService) {
    this.recorder = new Recorder(service.url)
  }

  async close(): Promise<void> {
    for (const receiver of this.#receivers.values()) await receiver.close()
  }

  async setUp(): Promise<void> {
    this.recorder.heading('An organisation, its listeners, their clients and hooks')
    await this.#login('admin', this.service.demo.admin)
    const { id } = (await this.call('admin', '/platform/organisations/', { name: 'Acme' })).body
    this.organisation = id
    for (const name of Object.keys(LISTENERS) as Name[]) await this.#addListener(name)
    await this.get('admin', `/platform/listeners/?organisation_id=${id}`)
    await this.get('admin', `/platform/clients/?organisation_id=${id}&limit=2`)
    for (const [name, [first = '', ...others]] of Object.entries(HOOKS) as [Name, string[]][]) {
      await this.register(name, first)
      for (const hook of others) await this.register(name, hook, new Recorder(this.service.url))
    }
    await this.get('desk', '/tract/hooks/list/')
    const { hooks } = (await this.get('analytics', '/tract/hooks/list/')).body
    await this.call('analytics', '/tract/hooks/rotate_secret/', { id: hooks[0].id })
    await this.call('analytics', '/tract/hooks/test/', { id: hooks[0].id })
    await this.register('analytics', 'aeu_events.received')
    const last = (await this.get('analytics', '/tract/hooks/list/')).body.hooks.at(-1)
    await this.call('analytics', '/tract/hooks/unregister/', { id: last.id })
  }

  async #addListener(name: Name): Promise<void> {
    const listener = { organisation_id: this.organisation, listener_id: name }
    const kind = LISTENERS[name]
    await this.call('admin', '/platform/listeners/', { ...listener, kind, name: name.toUpperCase() })
    const scopes = kind === 'ect' ? VENDOR : [...VENDOR, ...PLATFORM]
    const { client, client_secret } = (await this.call('admin', '/platform/clients/', { ...listener, name, scopes }))
      .body
    await this.#login(name, { client_id: client.client_id, client_secret })
    const receiver = await Receiver.start()
    receiver.answer = ({ hook }) => ({
      body: hook === 'user_events.create_user' ? { success: true, ect_user_id: 'case-1' } : { success: true },
    })
    this.#receivers.set(name, receiver)
  }

  async #login(name: string, credentials: { client_id: string; client_secret: string }): Promise<void> {
    const body = new URLSearchParams({ grant_type: 'client_credentials', ...credentials }).toString()
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    const { body: answer } = await this.recorder.call({ as: name, path: '/tract/auth/token/', headers, body })
    this.#tokens.set(name, answer.access_token)
  }

  register(name: Name, hook: string, to = this.recorder): Promise<Exchange> {
    const [category, subcategory] = hook.split('.')
    const body = { category, subcategory, url: `${this.receiver(name).url}/${hook}` }
    return to.call({ as: name, token: this.#tokens.get(name), path: '/tract/hooks/register/', body })
  }

  receiver(name: Name): Receiver {
    return this.#receivers.get(name) as Receiver
  }

  call(
    as: string,
    path: string,
    body: unknown,
    headers: Record<string, string> = {},
    busy?: number,
  ): Promise<Exchange> {
    return this.recorder.call({ as, token: this.#tokens.get(as), path, body, headers }, busy)
  }

  get(as: string, path: string): Promise<Exchange> {
    return this.recorder.call({ as, token: this.#tokens.get(as), method: 'GET', path })
  }

  write(user_id: string, message_body: unknown, user?: object): Promise<Exchange> {
    return this.call('md', '/platform/message/send/', { user_id, sender: 'ceu', message_body, ...(user && { user }) })
  }

  event(as: Name, user_id: string, type: string, subtype: string, metadata?: object): Promise<Exchange> {
    const more = metadata && { metadata: JSON.stringify(metadata) }
    return this.call(as, '/tract/event/send', { user_id, type, subtype, ...more })
  }

  control(as: Name, type: string, requester: Name, receiver: Name, user_id: string): Promise<Exchange> {
    return this.call(as, '/tract/thread_control/request', { user_id, type, requester, receiver })
  }

  /** A call that is not recorded. */
  async aside(as: string, method: string, path: string, body?: unknown): Promise<Exchange['body']> {
    return (await new Recorder(this.service.url).call({ token: this.#tokens.get(as), method, path, body })).body
  }

  /** Until everything has been delivered, and its results are written. */
  async settled(): Promise<void> {
    const path = `/platform/deliveries/health/?organisation_id=${this.organisation}`
    await until(async () => {
      const { listeners } = await this.aside('admin', 'GET', path)
      return listeners.every(
        (each: Record<string, number>) => each.pending_deliveries === 0 && each.delivering_lanes === 0,
      )
    }, 'the last delivery')
  }

  /** What came to each listener, by user: within a lane there is one order, and none between lanes. */
  recordHooks(): void {
    for (const [name, { received }] of this.#receivers)
      for (const user of [...new Set(received.map(({ body }) => body.user_id))].sort()) {
        this.recorder.heading(`What came to ${name} about ${user}`)
        for (const one of received.filter(({ body }) => body.user_id === user)) this.recorder.came(one)
      }
  }
}
