/** An organisation on a running service, with a caller for each of its listeners, and what they do in most tests. */
import { PLATFORM_SCOPES, VENDOR_SCOPES } from '../../server/src/accounts/first-start.js'
import { type Answer, type Caller, ok } from './call.js'
import type { Receiver } from './receiver.js'
import type { TestService } from './service.js'

export type ListenerKind = 'iva' | 'sac' | 'ect' | 'md' | 'analytics'

export const scopesOf = (kind: ListenerKind): string[] => (kind === 'ect' ? VENDOR_SCOPES : PLATFORM_SCOPES)

export class World<Names extends string = string> {
  private constructor(
    readonly organisation: string,
    readonly listeners: Record<Names, Caller>,
    private readonly channel: Caller | undefined,
    private readonly service: Pick<TestService, 'receiver'>,
  ) {}

  static async on<Names extends string>(
    service: Pick<TestService, 'admin' | 'login' | 'receiver'>,
    kinds: Record<Names, ListenerKind>,
    settings: Record<string, unknown> = {},
    listenerSettings: Partial<Record<Names, Record<string, unknown>>> = {},
  ): Promise<World<Names>> {
    const admin = await service.admin()
    const organisation = (await ok(admin.post('/platform/organisations/', { name: 'Test', ...settings }))).id
    const listeners = {} as Record<Names, Caller>
    for (const [name, kind] of Object.entries(kinds) as [Names, ListenerKind][]) {
      const listener = { organisation_id: organisation, listener_id: name }
      await ok(admin.post('/platform/listeners/', { ...listener, kind, ...listenerSettings[name] }))
      const created = await ok(admin.post('/platform/clients/', { ...listener, name, scopes: scopesOf(kind) }))
      listeners[name] = await service.login({
        client_id: created.client.client_id,
        client_secret: created.client_secret,
      })
    }
    const channel = (Object.keys(kinds) as Names[]).find((name) => kinds[name] === 'md')
    return new World(organisation, listeners, channel && listeners[channel], service)
  }

  /** A receiver of the listener's hooks, which is closed with the service. */
  async receiver(listener: Names, ...hooks: string[]): Promise<Receiver> {
    const receiver = await this.service.receiver()
    await receiver.hear(this.listeners[listener], ...hooks)
    return receiver
  }

  /** The user writes: the `md` of this world brings the message. */
  write(
    user_id: string,
    message_body: unknown = 'Hello',
    headers: Record<string, string> = {},
  ): Promise<Answer['body']> {
    if (!this.channel) throw new Error('no listener of this world brings messages of users')
    const body = { user_id, message_body, sender: 'ceu', user: {} }
    return ok(this.channel.post('/platform/message/send/', body, headers))
  }

  /** One listener passes control of a user to another. */
  async pass(user_id: string, requester: Names, receiver: Names): Promise<Answer['body']> {
    const body = { user_id, type: 'pass', requester, receiver }
    const result = await ok(this.listeners[requester].post('/tract/thread_control/request', body))
    if (!result.success) throw new Error(`the pass was refused: ${JSON.stringify(result)}`)
    return result
  }
}
