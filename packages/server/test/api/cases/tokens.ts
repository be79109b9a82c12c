import type { KnownErrorCode } from '@tract/contract'
import { call as callUrl, ok } from '@tract/testing/call'
import { base64url, decodeJwt, decodeProtectedHeader, exportJWK, generateKeyPair, SignJWT } from 'jose'
import type { OperationName } from '../recipes/recipe.js'
import type { RecipeWorld } from '../recipes/recipe-world.js'
import type { BadInput } from './bad-input.js'

const json = (value: unknown) => base64url.encode(JSON.stringify(value))
const tokenOf = ({ cast }: RecipeWorld) => cast.desk.token

/** A call with what is in the place of a token; `''` sends no header. */
const presented = (
  name: string,
  authorization: (world: RecipeWorld) => string | Promise<string>,
  code: KnownErrorCode = 'token_invalid',
): BadInput => ({
  name,
  operation: 'listHooks',
  status: 401,
  code,
  call: async (world) => {
    const header = await authorization(world)
    const headers = header === '' ? {} : { authorization: header }
    return callUrl(`${world.service.url}/tract/hooks/list/`, { method: 'GET', headers })
  },
})

const bearer = (
  name: string,
  token: (world: RecipeWorld) => string | Promise<string>,
  code?: KnownErrorCode,
): BadInput => presented(name, async (world) => `Bearer ${await token(world)}`, code)

const forged = (
  name: string,
  forgery: Parameters<RecipeWorld['forger']['forge']>[1],
  code?: KnownErrorCode,
): BadInput => bearer(name, (world) => world.forger.forge(tokenOf(world), forgery), code)

/** The claims of a token under another header, with what then stands for its signature. */
async function resigned(
  world: RecipeWorld,
  header: object,
  sign: (text: string) => Promise<string> | string,
): Promise<string> {
  const [, claims] = tokenOf(world).split('.')
  const text = `${json({ ...decodeProtectedHeader(tokenOf(world)), ...header })}.${claims}`
  return `${text}.${await sign(text)}`
}

async function hmac(text: string, key: Uint8Array): Promise<string> {
  const imported = await crypto.subtle.importKey('raw', new Uint8Array(key), { name: 'HMAC', hash: 'SHA-256' }, false, [
    'sign',
  ])
  return base64url.encode(new Uint8Array(await crypto.subtle.sign('HMAC', imported, new TextEncoder().encode(text))))
}

async function published(world: RecipeWorld): Promise<{ x: string }> {
  return (await ok(world.call('getJwks'))).keys[0]
}

export const tokens: BadInput[] = [
  presented('no token', () => '', 'token_missing'),
  presented('an empty token', () => 'Bearer ', 'token_missing'),
  presented("the client's password", () => `Basic ${btoa('desk:secret')}`, 'token_missing'),
  presented('a token in another scheme', (world) => `JWT ${tokenOf(world)}`, 'token_missing'),
  bearer('a word', () => 'letmein'),
  bearer('a token in quotes', (world) => `"${tokenOf(world)}"`),
  bearer('a token without its signature', (world) => tokenOf(world).replace(/[^.]*$/, '')),
  bearer('the signature of another token', (world) =>
    tokenOf(world).replace(/[^.]*$/, world.cast.iva.token.split('.')[2] as string),
  ),
  bearer('more scopes than were granted', (world) => {
    const [header, , signature] = tokenOf(world).split('.')
    return `${header}.${json({ ...decodeJwt(tokenOf(world)), scope: 'hooks platform:admin' })}.${signature}`
  }),
  bearer('another organisation than was granted', (world) => {
    const [header, , signature] = tokenOf(world).split('.')
    return `${header}.${json({ ...decodeJwt(tokenOf(world)), organisation: world.service.demo.organisation })}.${signature}`
  }),
  bearer('alg none', (world) => resigned(world, { alg: 'none' }, () => '')),
  bearer('alg None with the old signature', (world) =>
    resigned(world, { alg: 'None' }, () => tokenOf(world).split('.')[2] as string),
  ),
  bearer('HS256 with the public key for a secret', (world) =>
    resigned(world, { alg: 'HS256' }, async (text) => hmac(text, base64url.decode((await published(world)).x))),
  ),
  bearer('HS256 with the JWKS for a secret', (world) =>
    resigned(world, { alg: 'HS256' }, async (text) =>
      hmac(text, new TextEncoder().encode(JSON.stringify(await published(world)))),
    ),
  ),
  bearer('a key of its own in its header', async (world) => {
    const { publicKey, privateKey } = await generateKeyPair('EdDSA')
    const { kid } = decodeProtectedHeader(tokenOf(world))
    return new SignJWT(decodeJwt(tokenOf(world)))
      .setProtectedHeader({ alg: 'EdDSA', typ: 'at+jwt', kid: kid as string, jwk: await exportJWK(publicKey) })
      .sign(privateKey)
  }),
  bearer("another's key under our name", async (world) => {
    const { privateKey } = await generateKeyPair('EdDSA')
    const { kid } = decodeProtectedHeader(tokenOf(world))
    return new SignJWT(decodeJwt(tokenOf(world)))
      .setProtectedHeader({ alg: 'EdDSA', typ: 'at+jwt', kid: kid as string })
      .sign(privateKey)
  }),
  forged('a key that is not published', { header: { kid: 'A'.repeat(43) } }),
  forged('a kid that is SQL', { header: { kid: "' or '1'='1" } }),
  forged('another type of token', { header: { typ: 'JWT' } }),
  forged('another issuer', { claims: { iss: 'https://tract.example.com' } }),
  forged('another audience', { claims: { aud: 'https://tract.example.com' } }),
  forged('no expiry', { claims: { exp: undefined } }),
  forged('a scope that is no string', { claims: { scope: ['hooks'] } }),
  forged('a time before which it does not hold', {
    claims: { nbf: Math.floor(Date.now() / 1000) + 3600, jti: 'early' },
  }),
  bearer('a token that has expired', (world) => world.forger.expired(tokenOf(world)), 'token_expired'),
  bearer('a token that was revoked', async ({ service, cast, call }) => {
    const { token } = await service.login(cast.desk.credentials)
    await ok(call('revokeToken', { body: { token, ...cast.desk.credentials } }))
    return token
  }),
  bearer('a token of a disabled client', async ({ service, organisation, admin, call }) => {
    const body = { name: 'Gone', organisation_id: organisation, listener_id: 'desk', scopes: ['hooks'] }
    const { client, client_secret } = await ok(call('createClient', { as: admin, body }))
    const { token } = await service.login({ client_id: client.client_id, client_secret })
    await ok(call('updateClient', { as: admin, body: { client_id: client.client_id, enabled: false } }))
    return token
  }),
  bearer('a token of a disabled listener', async ({ service, organisation, admin, call }) => {
    const listener = { organisation_id: organisation, listener_id: 'gone' }
    await ok(call('createListener', { as: admin, body: { ...listener, kind: 'ect' } }))
    const { client, client_secret } = await ok(
      call('createClient', { as: admin, body: { ...listener, name: 'Gone', scopes: ['hooks'] } }),
    )
    const { token } = await service.login({ client_id: client.client_id, client_secret })
    await ok(call('updateListener', { as: admin, body: { ...listener, enabled: false } }))
    return token
  }),
]

const forbidden = (name: string, operation: OperationName, who: 'desk' | 'admin', body?: unknown): BadInput => ({
  name,
  operation,
  status: 403,
  code: 'insufficient_scope',
  call: (world) => world.call(operation, { as: who === 'admin' ? world.admin : world.cast.desk, body }),
})

/** Without the scope, not even what is wrong with the body is told. */
export const scopes: BadInput[] = [
  forbidden('a vendor that provisions', 'createOrganisation', 'desk', { name: 'Mine' }),
  forbidden('a vendor that lists every organisation', 'listOrganisations', 'desk'),
  forbidden('a vendor that writes for the user', 'sendPlatformMessage', 'desk', {
    user_id: 'new',
    message_body: 'x',
    sender: 'ceu',
    user: {},
  }),
  forbidden('a vendor that creates a user', 'upsertUser', 'desk', { user_id: 'new' }),
  forbidden('a vendor that erases a user', 'eraseUser', 'desk', { user_id: 'known-user' }),
  forbidden('a vendor that rotates the signing key', 'rotateSigningKey', 'desk', {}),
  forbidden('a vendor that provisions badly', 'createOrganisation', 'desk', '{'),
  forbidden('an operator that speaks', 'sendMessage', 'admin', {
    user_id: 'known-user',
    message_body: 'x',
    sender: 'aeu',
  }),
  forbidden('an operator that registers a hook', 'registerHook', 'admin', {}),
]
