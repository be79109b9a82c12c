import { failure, type Recipe, success } from './recipe.js'
import type { RecipeWorld } from './recipe-world.js'

const signIn = ({ call }: RecipeWorld, body: unknown) => call('createSession', { body })

export const sessionRecipes: Recipe[] = [
  success('createSession', 'an operator signs in', (world) => signIn(world, world.admin.credentials)),
  failure('createSession', 400, 'malformed_json', 'the body is not JSON', (world) => signIn(world, '{"client_id": ')),
  failure('createSession', 400, 'invalid_request', 'the secret is missing', (world) =>
    signIn(world, { client_id: 'x' }),
  ),
  failure('createSession', 401, 'invalid_client', 'the secret is wrong', (world) =>
    signIn(world, { ...world.admin.credentials, client_secret: 'x' }),
  ),
  failure('createSession', 403, 'insufficient_scope', 'a listener signs in', (world) =>
    signIn(world, world.cast.iva.credentials),
  ),
  success('getSession', 'an operator has a token', ({ call, admin }) => call('getSession', { as: admin })),
  success('endSession', 'an operator gives its token up', async ({ call, service }) =>
    call('endSession', { as: await service.admin() }),
  ),
]
