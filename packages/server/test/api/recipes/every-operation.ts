/** The answers that operations have in common: they are brought about in the same way for each. */

import { randomUUID } from 'node:crypto'
import type { Caller } from '@tract/testing/call'
import type { DocumentedOperation, PublishedContract } from '../../support/contract.js'
import { failure, type OperationName, type Recipe } from './recipe.js'
import type { RecipeWorld } from './recipe-world.js'
import { neededQuery, otherBody, wellFormed } from './requests.js'

const BODY_LIMIT = 262_144

/** A client that may call the operation. */
export const permitted = (world: RecipeWorld, { scopes }: DocumentedOperation): Caller | undefined =>
  scopes.length === 0 ? undefined : scopes.includes('platform:admin') ? world.admin : world.cast.iva

export function commonRecipes(contract: PublishedContract): Recipe[] {
  return [...contract.operations.values()].flatMap((operation) => [
    ...malformed(operation),
    ...unauthenticated(operation),
    ...reusedKey(operation),
  ])
}

function malformed(operation: DocumentedOperation): Recipe[] {
  const { scopes, mediaType, statuses } = operation
  const name = operation.operationId as OperationName
  const isPublic = scopes.length === 0
  const send =
    (body: unknown, headers: Record<string, string> = {}) =>
    (world: RecipeWorld) =>
      world.call(name, { as: permitted(world, operation), body, headers })
  if (mediaType === 'multipart/form-data')
    return [
      failure(
        name,
        415,
        'unsupported_media_type',
        'the body is of another type',
        send({}, { 'content-type': 'text/plain' }),
      ),
      failure(name, 400, 'invalid_request', 'the body has an unknown field', send({ unknown_field: 'x' })),
    ]
  if (mediaType === undefined) {
    if (!statuses.includes(400)) return []
    if (operation.path !== operation.template)
      return [
        failure(name, 400, 'invalid_request', 'a header is over a limit', send(undefined, { range: 'x'.repeat(257) })),
      ]
    return [
      failure(name, 400, 'invalid_request', 'the query is over a limit', (world) =>
        world.call(name, { as: world.admin, query: { ...neededQuery(name), limit: '501' } }),
      ),
    ]
  }
  const other = { 'content-type': mediaType === 'application/json' ? 'text/plain' : 'application/json' }
  const recipes = [
    failure(name, 413, 'body_too_large', 'the body is too large', send(`"${'x'.repeat(BODY_LIMIT)}"`)),
    failure(name, 415, 'unsupported_media_type', 'the body is of another type', send('{}', other)),
  ]
  if (isPublic) return recipes
  return [
    ...recipes,
    failure(name, 400, 'malformed_json', 'the body is not JSON', send('{"user_id": ')),
    failure(
      name,
      400,
      'invalid_request',
      'the body has an unknown field',
      send({ ...wellFormed(operation), unknown_field: 1 }),
    ),
  ]
}

function unauthenticated(operation: DocumentedOperation): Recipe[] {
  const { scopes } = operation
  const name = operation.operationId as OperationName
  if (scopes.length === 0) return []
  const calling = (token: (world: RecipeWorld) => string | Promise<string> | undefined) => async (world: RecipeWorld) =>
    world.call(name, { token: await token(world), body: wellFormed(operation), query: neededQuery(name) })
  const token = (world: RecipeWorld) => (permitted(world, operation) as Caller).token
  return [
    failure(
      name,
      401,
      'token_missing',
      'there is no token',
      calling(() => undefined),
    ),
    failure(
      name,
      401,
      'token_invalid',
      'the token was altered',
      calling((world) => `${token(world).slice(0, -10)}AAAAAAAAAA`),
    ),
    failure(
      name,
      401,
      'token_expired',
      'the token has expired',
      calling((world) => world.forger.expired(token(world))),
    ),
    failure(
      name,
      403,
      'insufficient_scope',
      'the token is for something else',
      calling(async (world) => {
        const other = ['hooks', 'deliveries', 'platform:users'].find((scope) => !scopes.includes(scope))
        return (await world.service.login(world.cast.iva.credentials, other)).token
      }),
    ),
    failure(name, 403, 'acting_refused', 'it is for a listener that there is not', (world) =>
      world.call(name, {
        as: world.admin,
        body: wellFormed(operation),
        query: neededQuery(name),
        headers: { 'tract-act-for': `${world.organisation}/nobody` },
      }),
    ),
  ]
}

function reusedKey(operation: DocumentedOperation): Recipe[] {
  const name = operation.operationId as OperationName
  const body = wellFormed(operation)
  if (!operation.takesIdempotencyKey || !body) return []
  return [
    failure(name, 422, 'idempotency_key_reused', 'its key came with another body', async (world) => {
      const headers = { 'idempotency-key': randomUUID() }
      await world.call(name, { as: permitted(world, operation), body, headers })
      return world.call(name, { as: permitted(world, operation), body: otherBody(body), headers })
    }),
  ]
}
