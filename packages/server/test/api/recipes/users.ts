import { ok } from '@tract/testing/call'
import { failure, type Recipe, success } from './recipe.js'
import type { RecipeWorld } from './recipe-world.js'

/** A user of whom everything is known. */
async function user({ call, cast, newUserId }: RecipeWorld): Promise<string> {
  const user_id = newUserId()
  const details = { email: 'asha@example.com', plan: { name: 'Prepaid', since: null } }
  const known = { third_party_user_id: '+919820098200', user_name: 'Asha Rao', device_platform: 'WhatsApp', details }
  await ok(call('upsertUser', { as: cast.md, body: { user_id, ...known } }))
  return user_id
}

const REQUESTED = { details_requested: ['email', 'plan', 'unheard_of'] }

export const userRecipes: Recipe[] = [
  success('linkUser', 'the desk has another case', async ({ call, cast, conversation }) =>
    call('linkUser', { as: cast.desk, body: { user_id: await conversation(), ect_user_id: 'case-2' } }),
  ),
  failure('linkUser', 404, 'user_not_found', 'there is no such user', ({ call, cast, newUserId }) =>
    call('linkUser', { as: cast.desk, body: { user_id: newUserId(), ect_user_id: 'case-2' } }),
  ),
  success('getUser', 'the user is asked for', async (world) =>
    world.call('getUser', { as: world.cast.desk, body: { user_id: await user(world) } }),
  ),
  success('getUser', 'details are asked for', async (world) =>
    world.call('getUser', { as: world.cast.desk, body: { user_id: await user(world), ...REQUESTED } }),
  ),
  success('getUserDetails', 'details are asked for', async (world) =>
    world.call('getUserDetails', { as: world.cast.desk, body: { user_id: await user(world), ...REQUESTED } }),
  ),
  ...(['getUser', 'getUserDetails'] as const).map((operation) =>
    failure(operation, 404, 'user_not_found', 'there is no such user', ({ call, cast, newUserId }) =>
      call(operation, { as: cast.desk, body: { user_id: newUserId(), ...REQUESTED } }),
    ),
  ),

  success('upsertUser', 'the user is new', ({ call, cast, newUserId }) =>
    call('upsertUser', { as: cast.md, body: { user_id: newUserId() } }),
  ),
  success('upsertUser', 'the user is known and partly forgotten', async (world) => {
    const changes = { user_name: null, device_platform: null, third_party_user_id: null, details: { plan: null } }
    return world.call('upsertUser', { as: world.cast.md, body: { user_id: await user(world), ...changes } })
  }),
  success('eraseUser', 'the user has messages', async (world) =>
    world.call('eraseUser', { as: world.cast.md, body: { user_id: await world.conversation() } }),
  ),
  failure('eraseUser', 404, 'user_not_found', 'there is no such user', ({ call, cast, newUserId }) =>
    call('eraseUser', { as: cast.md, body: { user_id: newUserId() } }),
  ),
]
