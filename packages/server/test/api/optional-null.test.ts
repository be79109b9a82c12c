/** Many serialisers write null for what is not there: a field that takes null treats it as no field. */

import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { schemas } from '@tract/contract'
import { type Answer, ok } from '@tract/testing/call'
import { TestService } from '@tract/testing/service'
import { publishedDocument } from '../../src/api/documents/published.js'
import { PublishedContract } from '../support/contract.js'
import { availabilityRecipes } from './recipes/availability.js'
import { deliveryRecipes } from './recipes/deliveries.js'
import { eventRecipes } from './recipes/events.js'
import { hookRecipes } from './recipes/hooks.js'
import { messageRecipes } from './recipes/messages.js'
import { provisioningRecipes } from './recipes/provisioning.js'
import { type OperationName, type Recipe, titled } from './recipes/recipe.js'
import { RecipeWorld, type Request } from './recipes/recipe-world.js'
import { threadControlRecipes } from './recipes/thread-control.js'
import { userRecipes } from './recipes/users.js'

// biome-ignore lint/suspicious/noExplicitAny: a document is JSON of every shape
type Json = any

const document: Json = JSON.parse(publishedDocument('platform'))
const contract = new PublishedContract('platform')
let world: RecipeWorld

beforeAll(async () => {
  world = await RecipeWorld.build(await TestService.start(), contract)
})
afterAll(async () => {
  await world.close()
  await world.service.close()
})

const named = ($ref: string): string => $ref.split('/').at(-1) as string
const takesNull = ({ type, oneOf = [], anyOf = [] }: Json): boolean =>
  [type].flat().includes('null') || [...oneOf, ...anyOf].some(takesNull)

/** The fields of an operation's body for which null is absence: the document takes it, the contract's own schema does not. */
function absentFields(operation: OperationName): string[] {
  const { template, method } = contract.operation(operation)
  const schema = document.paths[template][method.toLowerCase()].requestBody?.content['application/json']?.schema
  if (!schema?.$ref) return []
  const name = named(schema.$ref)
  const own = schemas[name as keyof typeof schemas] as Json
  const properties = Object.entries<Json>(document.components.schemas[name].properties ?? {})
  return properties.flatMap(([field, given]) => (takesNull(given) && !takesNull(own.properties[field]) ? [field] : []))
}

const recipes: Recipe[] = [
  ...hookRecipes,
  ...userRecipes,
  ...messageRecipes,
  ...eventRecipes,
  ...availabilityRecipes,
  ...threadControlRecipes,
  ...deliveryRecipes,
  ...provisioningRecipes,
].filter(({ operation, status }) => status === 200 && absentFields(operation).length > 0)

describe('fields that are null are as good as none:', () => {
  test.each(titled(recipes))('%s', async (_title, recipe) => {
    const nulls = Object.fromEntries(absentFields(recipe.operation).map((name) => [name, null]))
    const call: RecipeWorld['call'] = (name, request: Request = {}): Promise<Answer> =>
      name === recipe.operation
        ? world.call(name, { ...request, body: { ...nulls, ...(request.body as object) } })
        : world.call(name, request)
    const answer = await recipe.call(Object.create(world, { call: { value: call } }))
    expect([answer.status, answer.text, contract.problems(recipe.operation, answer)]).toEqual([200, answer.text, []])
  })

  test('many operations are among them', () => {
    const tried = new Set(recipes.map(({ operation }) => operation))
    expect([...tried]).toEqual(
      expect.arrayContaining(['sendMessage', 'sendEvent', 'upsertUser', 'listDeliveries', 'updateListener']),
    )
  })
})

test('null for a list of details is Get user', async () => {
  const user_id = await world.conversation()
  const answer = await ok(world.call('getUser', { as: world.cast.desk, body: { user_id, details_requested: null } }))
  expect(answer).toMatchObject({ user_id, details_available: [] })
})

test('null for an object of ours, and in one, is absence; in one of the sender it stays', async () => {
  const user_id = world.newUserId()
  const user = { user_name: 'Asha', details: null }
  const metadata = { a: null, b: { c: null } }
  const body = { user_id, message_body: 'Hi', sender: 'ceu', user, metadata }
  const { message_id } = await ok(world.call('sendPlatformMessage', { as: world.cast.md, body }))
  const delivery = await world.receiver.waitFor(
    ({ body }) => body.user_id === user_id && body.message_id === message_id,
  )
  expect(delivery.body.metadata).toEqual(metadata)
  const again = { ...body, user: null, metadata: null }
  await ok(world.call('sendPlatformMessage', { as: world.cast.md, body: again }))
})

test('where null has a meaning of its own, it keeps it', async () => {
  const user_id = world.newUserId()
  await ok(world.call('upsertUser', { as: world.cast.md, body: { user_id, user_name: 'Asha' } }))
  const answer = await ok(world.call('upsertUser', { as: world.cast.md, body: { user_id, user_name: null } }))
  expect(answer).not.toHaveProperty('user_name')
})

test('a key stands for the same call with nulls and without', async () => {
  const headers = { 'idempotency-key': randomUUID() }
  const body = { user_id: await world.deskConversation(), message_body: 'Hi', sender: 'aeu' }
  const first = await ok(world.call('sendMessage', { as: world.cast.desk, body, headers }))
  const nulls = { metadata: null, third_party_user_id: null, ...body }
  const again = await world.call('sendMessage', { as: world.cast.desk, body: nulls, headers })
  expect([again.status, again.body, again.headers.get('idempotency-replayed')]).toEqual([200, first, 'true'])
})
