/** Two organisations on one service: what is theirs, and who calls for ours. */
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll } from '@jest/globals'
import { type Answer, type Caller, ok } from '@tract/testing/call'
import { TestService } from '@tract/testing/service'
import { PublishedContract } from '../../support/contract.js'
import type { OperationName } from '../recipes/recipe.js'
import { RecipeWorld } from '../recipes/recipe-world.js'

export const contract = new PublishedContract('platform')
/** Their organisation: with users, hooks, deliveries and clients. */
export let theirs: RecipeWorld
/** Ours has the same listeners, and one more. */
export let ours: Record<'iva' | 'md' | 'desk' | 'sac' | 'observer', Caller>
export let ourOrganisation: string

/** What is theirs, under the name of what is not there at all. */
export const foreign: Record<string, string> = {}
export const absent: Record<string, string> = {
  user: 'nobody-at-all',
  hook: randomUUID(),
  delivery: randomUUID(),
  waitingDelivery: randomUUID(),
  listener: 'nobody-at-all',
  organisation: randomUUID(),
  client: randomUUID(),
  token: 'nobody',
  stream: randomUUID(),
  attachment: randomUUID(),
}

export type Ids = Record<string, string>
export interface Attempt {
  operation: OperationName
  about: string
  body?: (ids: Ids) => unknown
  query?: (ids: Ids) => Record<string, string>
  params?: (ids: Ids) => Record<string, string>
}

export const HELLO = { message_body: 'Hello' }
/** An answer without what is different in every answer, and with one name for what was asked for. */
export function comparable({ status, headers, text }: Answer, id: string): object {
  const varying = ['date', 'x-request-id', 'ratelimit-remaining', 'ratelimit-reset', 'content-length']
  return {
    status,
    headers: [...headers].filter(([name]) => !varying.includes(name)),
    text: text.replaceAll(id, '<id>').replace(/"request_id":"[^"]+"/, '"request_id":"<id>"'),
  }
}

export function useTwoOrganisations(): void {
  beforeAll(async () => {
    const service = await TestService.start()
    theirs = await RecipeWorld.build(service, contract)
    const kinds = { iva: 'iva', md: 'md', desk: 'ect', sac: 'sac', observer: 'analytics' } as const
    const world = await service.world(kinds)
    ours = world.listeners
    ourOrganisation = world.organisation

    const { call, cast, admin, organisation } = theirs
    const user = await theirs.deskConversation()
    await ok(call('upsertUser', { as: cast.md, body: { user_id: user, details: { email: 'theirs@example.com' } } }))
    const theirListener = { organisation_id: organisation, listener_id: 'their-desk', kind: 'ect' }
    await ok(call('createListener', { as: admin, body: theirListener }))
    await service.stored.delivered({}, 'observer')
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
      attachment: (await ok(call('uploadAttachment', { as: cast.desk, body: { file: 'theirs@example.com' } }))).id,
      stream: (await ok(call('streamHooks', { as: cast.desk, body: {} }))).stream,
    })
  })
  afterAll(async () => {
    await theirs.close()
    await theirs.service.close()
  })
}
