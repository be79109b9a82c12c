import { randomUUID } from 'node:crypto'
import { ok } from '@tract/testing/call'
import { failure, type OperationName, type Recipe, success } from './recipe.js'
import type { RecipeWorld } from './recipe-world.js'

type Body = Record<string, unknown>

/** As the operator, with a body that may take something of the world. */
const operate =
  (operation: OperationName, body: Body | ((world: RecipeWorld) => Body | Promise<Body>)) =>
  async (world: RecipeWorld) =>
    world.call(operation, { as: world.admin, body: typeof body === 'function' ? await body(world) : body })

const look =
  (operation: OperationName, query: (world: RecipeWorld) => Record<string, string> = () => ({})) =>
  (world: RecipeWorld) =>
    world.call(operation, { as: world.admin, query: query(world) })

const nowhere = () => ({ organisation_id: randomUUID() })
const here = ({ organisation }: RecipeWorld) => ({ organisation_id: organisation })
const nobody = (world: RecipeWorld) => ({ ...here(world), listener_id: 'nobody' })
const newListener = () => ({ listener_id: `listener-${randomUUID()}`, kind: 'analytics' })
const NEW_CLIENT = { name: 'Another', scopes: ['hooks'] }

async function newClient({ call, admin, organisation }: RecipeWorld): Promise<{ client_id: string }> {
  const body = { ...NEW_CLIENT, organisation_id: organisation, listener_id: 'desk' }
  return { client_id: (await ok(call('createClient', { as: admin, body }))).client.client_id }
}

const FULL_SETTINGS = {
  on_request: 'grant',
  unreachable_after: 30,
  allocate_within: 300,
  idle_complete_after: 3600,
  history_messages: 0,
  returned_message: 'Nobody is free just now.',
}

const organisations: Recipe[] = [
  success('createOrganisation', 'it has a name', operate('createOrganisation', { name: 'Example' })),
  success(
    'createOrganisation',
    'it has settings',
    operate('createOrganisation', { name: 'Example', ...FULL_SETTINGS }),
  ),
  success(
    'listOrganisations',
    'there is more than a page',
    look('listOrganisations', () => ({ limit: '1' })),
  ),
  success(
    'updateOrganisation',
    'its default changes',
    operate('updateOrganisation', (world) => ({ ...here(world), default_listener: 'iva', allocate_within: null })),
  ),
  failure(
    'updateOrganisation',
    404,
    'organisation_not_found',
    'there is no such organisation',
    operate('updateOrganisation', () => ({ ...nowhere(), name: 'Example' })),
  ),
  failure(
    'updateOrganisation',
    404,
    'listener_not_found',
    'its default would be nobody',
    operate('updateOrganisation', (world) => ({ ...here(world), default_listener: 'nobody' })),
  ),
]

const listeners: Recipe[] = [
  success(
    'createListener',
    'it is new',
    operate('createListener', (world) => ({ ...here(world), ...newListener() })),
  ),
  failure(
    'createListener',
    404,
    'organisation_not_found',
    'there is no such organisation',
    operate('createListener', () => ({ ...nowhere(), ...newListener() })),
  ),
  failure(
    'createListener',
    409,
    'listener_exists',
    'there is one of this id',
    operate('createListener', (world) => ({ ...here(world), listener_id: 'desk', kind: 'ect' })),
  ),
  success(
    'listListeners',
    'there is more than a page',
    look('listListeners', (world) => ({ ...here(world), limit: '2', after: 'desk' })),
  ),
  failure(
    'listListeners',
    404,
    'organisation_not_found',
    'there is no such organisation',
    look('listListeners', nowhere),
  ),
  success(
    'updateListener',
    'it changes',
    operate('updateListener', (world) => ({ ...here(world), listener_id: 'desk', name: 'Desk', enabled: true })),
  ),
  failure(
    'updateListener',
    404,
    'organisation_not_found',
    'there is no such organisation',
    operate('updateListener', () => ({ ...nowhere(), listener_id: 'desk' })),
  ),
  failure('updateListener', 404, 'listener_not_found', 'there is no such listener', operate('updateListener', nobody)),
]

const clients: Recipe[] = [
  success(
    'createClient',
    "it is a listener's",
    operate('createClient', (world) => ({ ...NEW_CLIENT, ...here(world), listener_id: 'desk' })),
  ),
  success(
    'createClient',
    "it is an operator's",
    operate('createClient', { name: 'Operator', scopes: ['platform:admin'] }),
  ),
  failure(
    'createClient',
    404,
    'organisation_not_found',
    'there is no such organisation',
    operate('createClient', () => ({ ...NEW_CLIENT, ...nowhere(), listener_id: 'desk' })),
  ),
  failure(
    'createClient',
    404,
    'listener_not_found',
    'there is no such listener',
    operate('createClient', (world) => ({ ...NEW_CLIENT, ...nobody(world) })),
  ),
  success(
    'listClients',
    "the operators' are there, too",
    look('listClients', () => ({ limit: '2' })),
  ),
  success('listClients', 'one organisation is meant', look('listClients', here)),
  failure('listClients', 404, 'organisation_not_found', 'there is no such organisation', look('listClients', nowhere)),
  success(
    'updateClient',
    'it changes',
    operate('updateClient', async (world) => ({ ...(await newClient(world)), name: 'Desk', enabled: false })),
  ),
  failure(
    'updateClient',
    404,
    'client_not_found',
    'there is no such client',
    operate('updateClient', () => ({ client_id: randomUUID() })),
  ),
  success('rotateClientSecret', 'it has a secret', operate('rotateClientSecret', newClient)),
  failure(
    'rotateClientSecret',
    404,
    'client_not_found',
    'there is no such client',
    operate('rotateClientSecret', () => ({ client_id: randomUUID() })),
  ),
]

export const provisioningRecipes: Recipe[] = [
  ...organisations,
  ...listeners,
  ...clients,
  success('rotateSigningKey', 'nothing has leaked', operate('rotateSigningKey', {})),
]
