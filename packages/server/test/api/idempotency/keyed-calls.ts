/** A world for suites about idempotency keys, and the recipes of every operation that takes one. */
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll } from '@jest/globals'
import type { Answer } from '@tract/testing/call'
import { TestService } from '@tract/testing/service'
import type { Stored } from '@tract/testing/stored'
import { PublishedContract } from '../../support/contract.js'
import { attachmentRecipes } from '../recipes/attachments.js'
import { availabilityRecipes } from '../recipes/availability.js'
import { deliveryRecipes } from '../recipes/deliveries.js'
import { eventRecipes } from '../recipes/events.js'
import { hookRecipes } from '../recipes/hooks.js'
import { messageRecipes } from '../recipes/messages.js'
import { provisioningRecipes } from '../recipes/provisioning.js'
import type { Recipe } from '../recipes/recipe.js'
import { RecipeWorld, type Request } from '../recipes/recipe-world.js'
import { threadControlRecipes } from '../recipes/thread-control.js'
import { userRecipes } from '../recipes/users.js'

export const contract = new PublishedContract('platform')
export let world: RecipeWorld
export let stored: Stored

export const newKey = () => ({ 'idempotency-key': randomUUID() })
export const isReplayed = (answer: Answer) => answer.headers.get('idempotency-replayed') === 'true'
export const withoutRequestId = ({ text }: Answer) => text.replace(/"request_id":"[^"]+"/, '')

/** What operations write; what deliveries become in the meantime is left out of it. */
export async function effects(): Promise<Record<string, unknown>> {
  const { attempts, lanes, deliveries, ...rows } = await stored.digest()
  return { ...rows, deliveries: deliveries?.split(' ')[0] }
}

export const recipes: Recipe[] = [
  ...hookRecipes,
  ...userRecipes,
  ...messageRecipes,
  ...attachmentRecipes,
  ...eventRecipes,
  ...availabilityRecipes,
  ...threadControlRecipes,
  ...deliveryRecipes,
  ...provisioningRecipes,
].filter(({ operation }) => contract.operation(operation).takesIdempotencyKey)
export const kept = recipes.filter(({ status }) => [200, 404, 409].includes(status))

/** The same world, in which every call of one operation is made in another way. */
export function worldIn({ operation }: Recipe, calling: (request: Request) => Promise<Answer>): RecipeWorld {
  const call: RecipeWorld['call'] = (name, request = {}) =>
    name === operation ? calling(request) : world.call(name, request)
  return Object.create(world, { call: { value: call } })
}

export const sendHello = (user_id: string, headers: Record<string, string>, changes: object = {}) =>
  world.call('sendPlatformMessage', {
    as: world.cast.md,
    body: { user_id, message_body: 'Hello?', sender: 'ceu', ...changes },
    headers,
  })

export function useWorld(): void {
  beforeAll(async () => {
    world = await RecipeWorld.build(await TestService.start(), contract)
    stored = world.service.stored
  })
  afterAll(async () => {
    await world.close()
    await world.service.close()
  })
}
