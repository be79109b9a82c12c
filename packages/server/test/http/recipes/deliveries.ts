import { randomUUID } from 'node:crypto'
import { type Answer, ok, until } from '../../support/service.js'
import { failure, type OperationName, type Recipe, success } from './recipe.js'
import type { World } from './world.js'

/** Deliveries to the IVA of one user, the oldest first, once there are `count` in one of the states. */
async function deliveries({ call, cast }: World, user_id: string, states: string[], count: number): Promise<string[]> {
  const ids = async () => {
    const { deliveries } = await ok(call('listDeliveries', { as: cast.iva, body: { user_id } }))
    const found = deliveries.filter(({ state }: { state: string }) => states.includes(state))
    return found.length >= count && found.map(({ id }: { id: string }) => id).reverse()
  }
  return until(ids, `${count} deliveries that are ${states}`)
}

/** A delivery that has arrived. */
async function delivered(world: World): Promise<string> {
  const [id] = await deliveries(world, await world.conversation(), ['delivered'], 1)
  return id as string
}

/** Two deliveries of one lane that wait, since their hook is disabled. */
async function waiting(world: World): Promise<[first: string, second: string]> {
  const { call, cast } = world
  const { hooks } = await ok(call('listHooks', { as: cast.iva }))
  const { id } = hooks.find((hook: { category: string }) => hook.category === 'message')
  await ok(call('disableHook', { as: cast.iva, body: { id } }))
  try {
    const user_id = await world.conversation()
    await ok(call('sendPlatformMessage', { as: cast.md, body: { user_id, message_body: 'Hello?', sender: 'ceu' } }))
    return (await deliveries(world, user_id, ['pending'], 2)) as [string, string]
  } finally {
    // they wait all the same: what is tried again is tried by the operations, and at the next look at the hook's lanes
    world.paused.push(id)
  }
}

/** A delivery is not to be touched at the very moment at which it is looked at by the dispatcher. */
async function onceAtRest(operate: () => Promise<Answer>): Promise<Answer> {
  return until(async () => {
    const answer = await operate()
    return answer.status !== 409 && answer
  }, 'a lane at rest')
}

const ONE: OperationName[] = ['getDelivery', 'retryDelivery', 'skipDelivery']
const HEAD: OperationName[] = ['retryDelivery', 'skipDelivery']

export const deliveryRecipes: Recipe[] = [
  success('listDeliveries', 'there is more than a page', async (world) => {
    await waiting(world)
    const answer = await world.call('listDeliveries', { as: world.cast.iva, body: { limit: 1, state: 'pending' } })
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
      return onceAtRest(() => world.call(operation, { as: world.cast.iva, body: { id } }))
    }),
    failure(operation, 409, 'delivery_not_head', 'another one is before it', async (world) => {
      const [, id] = await waiting(world)
      return world.call(operation, { as: world.cast.iva, body: { id } })
    }),
    failure(operation, 409, 'delivery_not_pending', 'it has ended', async (world) =>
      world.call(operation, { as: world.cast.iva, body: { id: await delivered(world) } }),
    ),
  ]),
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
