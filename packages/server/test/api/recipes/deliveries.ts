import { randomUUID } from 'node:crypto'
import { type Answer, type Caller, ok } from '@tract/testing/call'
import { until } from '@tract/testing/until'
import { failure, type OperationName, type Recipe, success } from './recipe.js'
import type { RecipeWorld } from './recipe-world.js'

/** Deliveries of a user to a listener, the oldest first, once there are `count` in a state. */
async function deliveries(
  { call }: RecipeWorld,
  as: Caller,
  user_id: string,
  state: string,
  count: number,
): Promise<string[]> {
  return until(async () => {
    const page = await ok(call('listDeliveries', { as, body: { user_id, state } }))
    return page.deliveries.length >= count && page.deliveries.map(({ id }: { id: string }) => id).reverse()
  }, `${count} deliveries that are ${state}`)
}

/** A delivery that has arrived. */
async function delivered(world: RecipeWorld): Promise<string> {
  const [id] = await deliveries(world, world.cast.iva, await world.conversation(), 'delivered', 1)
  return id as string
}

/** Two deliveries in the lane of the observer, whose hook is disabled. */
async function waiting(world: RecipeWorld): Promise<[first: string, second: string]> {
  const { call, cast } = world
  const user_id = await world.conversation()
  await ok(call('sendPlatformMessage', { as: cast.md, body: { user_id, message_body: 'Hello?', sender: 'ceu' } }))
  return (await deliveries(world, cast.observer, user_id, 'pending', 2)) as [string, string]
}

/** The dispatcher may be looking at the lane at this moment; then the answer is to repeat the call. */
async function onceAtRest(operate: () => Promise<Answer>): Promise<Answer> {
  return until(async () => {
    const answer = await operate()
    return answer.status === 409 ? undefined : answer
  }, 'a lane at rest')
}

const ONE: OperationName[] = ['getDelivery', 'retryDelivery', 'skipDelivery']
const HEAD: OperationName[] = ['retryDelivery', 'skipDelivery']

export const deliveryRecipes: Recipe[] = [
  success('listDeliveries', 'there is more than a page', async (world) => {
    await waiting(world)
    const answer = await world.call('listDeliveries', { as: world.cast.observer, body: { limit: 1, state: 'pending' } })
    if (!answer.body.next) throw new Error('there is no next page')
    return answer
  }),
  success('getDelivery', 'it was delivered', async (world) => {
    const id = await delivered(world)
    const answer = await world.call('getDelivery', { as: world.cast.iva, body: { id } })
    if (answer.body.attempts.length !== 1) throw new Error('there is no attempt')
    return answer
  }),
  ...ONE.map((operation) =>
    failure(operation, 404, 'delivery_not_found', 'there is no such delivery', (world) =>
      world.call(operation, { as: world.cast.iva, body: { id: randomUUID() } }),
    ),
  ),
  ...HEAD.flatMap((operation) => [
    success(operation, 'it is the head of its lane', async (world) => {
      const [id] = await waiting(world)
      return onceAtRest(() => world.call(operation, { as: world.cast.observer, body: { id } }))
    }),
    failure(operation, 409, 'delivery_not_head', 'another one is before it', async (world) => {
      const [, id] = await waiting(world)
      return world.call(operation, { as: world.cast.observer, body: { id } })
    }),
    failure(operation, 409, 'delivery_not_pending', 'it has ended', async (world) =>
      world.call(operation, { as: world.cast.iva, body: { id: await delivered(world) } }),
    ),
  ]),
  ...(['retryDeliveries', 'skipDeliveries'] as const).flatMap((operation) => [
    success(operation, 'none fails', async (world) =>
      world.call(operation, { as: world.cast.observer, body: { user_id: await world.conversation() } }),
    ),
    success(operation, 'it is only asked what is meant', (world) =>
      world.call(operation, { as: world.cast.observer, body: { dry_run: true, limit: 1 } }),
    ),
  ]),
  success('previewReplay', 'ids are given', async (world) => {
    const id = await delivered(world)
    const answer = await world.call('previewReplay', { as: world.cast.iva, body: { ids: [id] } })
    if (answer.body.deliveries[0]?.delivery.id !== id) throw new Error('it is not in the preview')
    return answer
  }),
  failure('previewReplay', 404, 'delivery_not_found', 'one of them is unknown', async (world) =>
    world.call('previewReplay', { as: world.cast.iva, body: { ids: [await delivered(world), randomUUID()] } }),
  ),
  success('replayDeliveries', 'ids are given', async (world) =>
    world.call('replayDeliveries', { as: world.cast.iva, body: { ids: [await delivered(world)] } }),
  ),
  success('replayDeliveries', 'nothing matches the filter', async (world) =>
    world.call('replayDeliveries', { as: world.cast.iva, body: { filter: { user_id: world.newUserId() } } }),
  ),
  failure('replayDeliveries', 404, 'delivery_not_found', 'one of them is unknown', async (world) =>
    world.call('replayDeliveries', { as: world.cast.iva, body: { ids: [await delivered(world), randomUUID()] } }),
  ),
]
