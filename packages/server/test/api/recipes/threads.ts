import { failure, type Recipe, success } from './recipe.js'
import type { RecipeWorld } from './recipe-world.js'

const thread = async ({ organisation, conversation }: RecipeWorld): Promise<Record<string, string>> => ({
  organisation_id: organisation,
  user_id: await conversation(),
})

export const threadRecipes: Recipe[] = [
  success('listThreads', 'there is more than a page', async (world) => {
    await thread(world)
    const query = { organisation_id: world.organisation, limit: '1' }
    return world.call('listThreads', { as: world.admin, query })
  }),
  failure('listThreads', 409, 'search_off', 'the service does not search', (world) =>
    world.call('listThreads', { as: world.admin, query: { organisation_id: world.organisation, text: 'bill' } }),
  ),
  success('exportMessages', 'the user has a conversation', async (world) =>
    world.call('exportMessages', { as: world.admin, query: await thread(world) }),
  ),
  ...(['exportThreads', 'exportDeliveries'] as const).map((operation) =>
    success(operation, 'there are some', async (world) => {
      await world.conversation()
      return world.call(operation, { as: world.admin, query: { organisation_id: world.organisation } })
    }),
  ),
  failure('exportThreads', 409, 'search_off', 'the service does not search', (world) =>
    world.call('exportThreads', { as: world.admin, query: { organisation_id: world.organisation, text: 'bill' } }),
  ),
  failure(
    'exportMessages',
    404,
    'user_not_found',
    'there is no such user',
    ({ call, admin, organisation, newUserId }) =>
      call('exportMessages', { as: admin, query: { organisation_id: organisation, user_id: newUserId() } }),
  ),
  ...(['getThread', 'listTimeline'] as const).flatMap((operation) => [
    success(operation, 'the user has a conversation', async (world) =>
      world.call(operation, { as: world.admin, query: await thread(world) }),
    ),
    failure(operation, 404, 'user_not_found', 'there is no such user', ({ call, admin, organisation, newUserId }) =>
      call(operation, { as: admin, query: { organisation_id: organisation, user_id: newUserId() } }),
    ),
  ]),
]
