import { randomUUID } from 'node:crypto'
import { ok } from '@tract/testing/call'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { failure, type Recipe, success } from './recipe.js'
import type { RecipeWorld } from './recipe-world.js'

const GRANT = { grant_type: 'client_credentials' }
const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'

const desk = ({ cast }: RecipeWorld) => cast.desk.credentials

/** A client that signs assertions, and one of them. */
async function assertion({ service, admin, call }: RecipeWorld): Promise<Record<string, string>> {
  const { publicKey, privateKey } = await generateKeyPair('ES256')
  const jwks = { keys: [await exportJWK(publicKey)] }
  const body = { name: 'Assertions', scopes: ['platform:admin'], jwks }
  const { client } = await ok(call('createClient', { as: admin, body }))
  const signed = await new SignJWT()
    .setProtectedHeader({ alg: 'ES256' })
    .setIssuer(client.client_id)
    .setSubject(client.client_id)
    .setAudience(service.url)
    .setExpirationTime('2m')
    .setJti(randomUUID())
    .sign(privateKey)
  return { client_assertion_type: ASSERTION_TYPE, client_assertion: signed }
}

const basic = ({ client_id, client_secret }: RecipeWorld['admin']['credentials']) =>
  `Basic ${Buffer.from(`${client_id}:${client_secret}`).toString('base64')}`

export const authenticationRecipes: Recipe[] = [
  success('issueToken', 'the secret is in the form', (world) =>
    world.call('issueToken', { body: { ...GRANT, ...desk(world), scope: 'hooks deliveries' } }),
  ),
  success('issueToken', 'the secret is in the header', (world) =>
    world.call('issueToken', { body: GRANT, headers: { authorization: basic(desk(world)) } }),
  ),
  success('issueToken', 'the client signs an assertion', async (world) =>
    world.call('issueToken', { body: { ...GRANT, ...(await assertion(world)) } }),
  ),
  failure('issueToken', 400, 'invalid_request', 'there is no grant_type', (world) =>
    world.call('issueToken', { body: desk(world) }),
  ),
  failure('issueToken', 400, 'unsupported_grant_type', 'the grant is another one', (world) =>
    world.call('issueToken', { body: { grant_type: 'password', ...desk(world) } }),
  ),
  failure('issueToken', 400, 'invalid_scope', 'the client does not hold the scope', (world) =>
    world.call('issueToken', { body: { ...GRANT, ...desk(world), scope: 'hooks platform:admin' } }),
  ),
  failure('issueToken', 401, 'invalid_client', 'the secret is wrong', (world) =>
    world.call('issueToken', { body: { ...GRANT, ...desk(world), client_secret: 'wrong' } }),
  ),
  failure('issueToken', 401, 'invalid_client', 'an assertion comes twice', async (world) => {
    const body = { ...GRANT, ...(await assertion(world)) }
    await ok(world.call('issueToken', { body }))
    return world.call('issueToken', { body })
  }),

  success('revokeToken', "the token is the client's", async (world) => {
    const { token } = await world.service.login(desk(world))
    const answer = await world.call('revokeToken', { body: { token, ...desk(world) } })
    const refused = await world.call('listHooks', { token })
    return refused.status === 401 ? answer : refused
  }),
  success('revokeToken', 'the token is unknown', (world) =>
    world.call('revokeToken', { body: { token: 'unknown', ...desk(world) } }),
  ),
  failure('revokeToken', 400, 'invalid_request', 'there is no token', (world) =>
    world.call('revokeToken', { body: desk(world) }),
  ),
  failure('revokeToken', 401, 'invalid_client', 'the secret is wrong', (world) =>
    world.call('revokeToken', { body: { token: 'unknown', ...desk(world), client_secret: 'wrong' } }),
  ),

  success('getJwks', 'anybody asks', (world) => world.call('getJwks')),
  success('getAuthorizationServerMetadata', 'anybody asks', (world) => world.call('getAuthorizationServerMetadata')),
]
