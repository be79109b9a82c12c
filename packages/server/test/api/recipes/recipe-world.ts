import { randomUUID } from 'node:crypto'
import { type Answer, type Caller, call, ok } from '@tract/testing/call'
import { Receiver } from '@tract/testing/receiver'
import type { TestService } from '@tract/testing/service'
import type { PublishedContract } from '../../support/contract.js'
import { Forger } from '../support/tokens.js'
import type { OperationName } from './recipe.js'

export interface Request {
  /** Without it, the call has no token. */
  as?: Caller | undefined
  /** Another token than the caller's. */
  token?: string | undefined
  body?: unknown
  query?: Record<string, string>
  /** What stands in the path, in place of what the examples have there. */
  params?: Record<string, string>
  headers?: Record<string, string>
}

export type Cast = Record<'iva' | 'md' | 'desk' | 'sac' | 'observer', Caller>

/** A service, an organisation on it with a listener of every kind, and what recipes do with them. */
export class RecipeWorld {
  private constructor(
    readonly service: TestService,
    readonly contract: PublishedContract,
    readonly admin: Caller,
    readonly organisation: string,
    readonly cast: Cast,
    readonly receiver: Receiver,
    readonly forger: Forger,
  ) {}

  static async build(service: TestService, contract: PublishedContract): Promise<RecipeWorld> {
    const kinds = { iva: 'iva', md: 'md', desk: 'ect', sac: 'sac', observer: 'analytics' } as const
    const { organisation, listeners } = await service.world(kinds)
    const receiver = await Receiver.start()
    for (const name of ['iva', 'desk', 'observer'] as const) await receiver.hear(listeners[name], 'message.receive')
    // so that there are deliveries that wait
    const [{ id }] = (await ok(listeners.observer.get('/tract/hooks/list/'))).hooks
    await ok(listeners.observer.post('/tract/hooks/disable/', { id }))
    const admin = await service.admin()
    return new RecipeWorld(service, contract, admin, organisation, listeners, receiver, await Forger.of(service))
  }

  /** Calls an operation by its name, at the path and in the media type that the document gives it. */
  readonly call = (operation: OperationName, { as, token = as?.token, ...request }: Request = {}): Promise<Answer> =>
    callOperation(this.service.url, this.contract, operation, { ...request, token })

  /** A user in the middle of a conversation with the IVA; one of its own, unless it is named. */
  readonly conversation = async (user_id = this.newUserId()): Promise<string> => {
    const body = { user_id, message_body: 'Hello', sender: 'ceu', user: { third_party_user_id: `tp-${user_id}` } }
    await ok(this.call('sendPlatformMessage', { as: this.cast.md, body }))
    return user_id
  }

  /** The same, with the desk in control. */
  readonly deskConversation = async (user_id = this.newUserId()): Promise<string> => {
    await this.conversation(user_id)
    const body = { user_id, type: 'pass', requester: 'iva', receiver: 'desk' }
    const result = await ok(this.call('requestThreadControl', { as: this.cast.iva, body }))
    if (!result.success) throw new Error(`the pass was refused: ${JSON.stringify(result)}`)
    return user_id
  }

  readonly newUserId = (): string => `user-${randomUUID()}`

  close(): Promise<void> {
    return this.receiver.close()
  }
}

export function callOperation(
  url: string,
  contract: PublishedContract,
  operation: OperationName,
  { token, body, query = {}, params, headers = {} }: Omit<Request, 'as'>,
): Promise<Answer> {
  const { method, mediaType, template, ...documented } = contract.operation(operation)
  const path = params ? template.replace(/\{(\w+)\}/g, (_, name) => params[name] as string) : documented.path
  if (mediaType === 'multipart/form-data' && typeof body === 'object' && !('content-type' in headers))
    return call(`${url}${path}`, { method, token, ...formOf(body as Record<string, string>, headers) })
  const search = new URLSearchParams(query).toString()
  const isForm = mediaType === 'application/x-www-form-urlencoded'
  return call(`${url}${path}${search && `?${search}`}`, {
    method,
    token,
    body: isForm && typeof body === 'object' ? new URLSearchParams(body as Record<string, string>).toString() : body,
    headers: { ...(isForm && { 'content-type': mediaType }), ...headers },
  })
}

const BOUNDARY = 'a-boundary-of-tests'

/** A form in which every field is a file. */
export function formOf(fields: Record<string, string>, headers: Record<string, string> = {}) {
  const parts = Object.entries(fields).map(
    ([name, content]) =>
      `--${BOUNDARY}\r\ncontent-disposition: form-data; name="${name}"; filename="${name}.txt"\r\n\r\n${content}\r\n`,
  )
  const contentType = `multipart/form-data; boundary=${BOUNDARY}`
  return { headers: { ...headers, 'content-type': contentType }, body: `${parts.join('')}--${BOUNDARY}--\r\n` }
}
