/** Through independent eyes: a certified client library (oauth4webapi) gets on with the service over HTTP. */

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { until } from '@tract/testing/until'
import { decodeProtectedHeader, exportJWK, generateKeyPair } from 'jose'
import * as oauth from 'oauth4webapi'
import { type Database, openDatabase } from './database.js'
import { addClient, type Service, startAuthentication, whoami } from './service.js'

const SECRET = 'with + and % and : within'
/** The service under test is plain HTTP on loopback. */
const http = { [oauth.allowInsecureRequests]: true }

let database: Database
let service: Service
let server: oauth.AuthorizationServer
let clientId: string

beforeAll(async () => {
  database = await openDatabase()
  service = await startAuthentication({ pool: database.pool })
  clientId = (await addClient(database.stored, { clientId: 'acme:desk 1', secret: SECRET })).clientId
  const issuer = new URL(service.url)
  const response = await oauth.discoveryRequest(issuer, { algorithm: 'oauth2', ...http })
  server = await oauth.processDiscoveryResponse(issuer, response)
})
afterAll(async () => {
  await service.close()
  await database.close()
})

async function getToken(
  client: oauth.Client,
  authentication: oauth.ClientAuth,
  parameters: Record<string, string> = {},
) {
  const response = await oauth.clientCredentialsGrantRequest(server, client, authentication, parameters, http)
  return oauth.processClientCredentialsResponse(server, client, response)
}

const call = (token: string) => new Request(`${service.url}/whoami`, { headers: { authorization: `Bearer ${token}` } })

test('discovery finds the endpoints (RFC 8414)', () => {
  expect(server).toEqual({
    issuer: service.url,
    token_endpoint: `${service.url}/tract/auth/token/`,
    revocation_endpoint: `${service.url}/tract/auth/revoke/`,
    jwks_uri: `${service.url}/tract/auth/jwks/`,
    grant_types_supported: ['client_credentials'],
    response_types_supported: [],
    scopes_supported: ['hooks', 'messages:write', 'threads:control', 'platform:admin'],
    token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post', 'private_key_jwt'],
    token_endpoint_auth_signing_alg_values_supported: ['EdDSA', 'Ed25519', 'ES256', 'RS256', 'PS256'],
    revocation_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post', 'private_key_jwt'],
    revocation_endpoint_auth_signing_alg_values_supported: ['EdDSA', 'Ed25519', 'ES256', 'RS256', 'PS256'],
    service_documentation: `${service.url}/docs`,
  })
})

describe('the client credentials grant', () => {
  test.each([
    ['client_secret_basic', oauth.ClientSecretBasic],
    ['client_secret_post', oauth.ClientSecretPost],
  ] as const)('by %s', async (_, method) => {
    const result = await getToken({ client_id: clientId }, method(SECRET), { scope: 'hooks' })
    expect(result).toMatchObject({ token_type: 'bearer', expires_in: 900, scope: 'hooks' })
    expect(await whoami(service, result.access_token)).toMatchObject({
      status: 200,
      body: { clientId, scopes: ['hooks'] },
    })
  })

  test.each(['Ed25519', 'ES256', 'RS256', 'PS256'])('by private_key_jwt with %s', async (algorithm) => {
    const { privateKey, publicKey } = await generateKeyPair(algorithm)
    const jwk = { ...(await exportJWK(publicKey)), kid: 'mine', use: 'sig', alg: algorithm }
    const client = { client_id: (await addClient(database.stored, { jwks: { keys: [jwk] } })).clientId }
    for (const key of [{ key: privateKey, kid: 'mine' }, privateKey]) {
      const result = await getToken(client, oauth.PrivateKeyJwt(key))
      expect((await whoami(service, result.access_token)).status).toBe(200)
    }
  })

  test('an error is one that the library understands', async () => {
    await expect(
      getToken({ client_id: clientId }, oauth.ClientSecretPost(SECRET), { scope: 'unknown' }),
    ).rejects.toMatchObject({
      error: 'invalid_scope',
      status: 400,
    })
    // With a challenge in the answer the library reports that instead of the body.
    await expect(getToken({ client_id: clientId }, oauth.ClientSecretPost('wrong'))).rejects.toMatchObject({
      code: oauth.WWW_AUTHENTICATE_CHALLENGE,
      status: 401,
    })
  })
})

describe('the access token', () => {
  test('is valid to a resource server that knows the issuer only (RFC 9068)', async () => {
    const { access_token: token } = await getToken({ client_id: clientId }, oauth.ClientSecretBasic(SECRET))
    const claims = await oauth.validateJwtAccessToken(server, call(token), service.url, http)
    expect(claims).toMatchObject({ iss: service.url, sub: clientId, client_id: clientId, listener: 'desk' })
  })

  test('is valid before and after the signing key changes, to who read the key set when the new key was published', async () => {
    const hasty = { publishLeadSeconds: 0.2, keyReloadSeconds: 0.1 }
    const rotating = await startAuthentication({ pool: database.pool, settings: hasty })
    try {
      const issuer = new URL(rotating.url)
      const response = await oauth.discoveryRequest(issuer, { algorithm: 'oauth2', ...http })
      const server = await oauth.processDiscoveryResponse(issuer, response)
      const client = { client_id: clientId }
      const getToken = async () => {
        const authentication = oauth.ClientSecretBasic(SECRET)
        const response = await oauth.clientCredentialsGrantRequest(server, client, authentication, {}, http)
        return (await oauth.processClientCredentialsResponse(server, client, response)).access_token
      }
      const jwksCache: oauth.JWKSCacheInput = {}
      const readAt = () => (jwksCache as Partial<oauth.ExportedJWKSCache>).uat
      const validate = (token: string) =>
        oauth.validateJwtAccessToken(server, call(token), rotating.url, { ...http, [oauth.jwksCache]: jwksCache })

      const before = await getToken()
      const { kid } = await rotating.authentication.rotateSigningKey()
      await validate(before)
      const firstRead = readAt()
      let after = before
      await until(async () => {
        after = await getToken()
        return decodeProtectedHeader(after).kid === kid
      }, 'the change')
      await validate(after)
      await validate(before)
      expect(readAt()).toBe(firstRead)
    } finally {
      await rotating.close()
    }
  })

  test('is refused when it was altered', async () => {
    const { access_token: token } = await getToken({ client_id: clientId }, oauth.ClientSecretBasic(SECRET))
    const [header, , signature] = token.split('.')
    const payload = Buffer.from(JSON.stringify({ sub: 'other' })).toString('base64url')
    const validation = oauth.validateJwtAccessToken(
      server,
      call(`${header}.${payload}.${signature}`),
      service.url,
      http,
    )
    await expect(validation).rejects.toThrow()
  })

  test('can be revoked (RFC 7009)', async () => {
    const client = { client_id: clientId }
    const { access_token: token } = await getToken(client, oauth.ClientSecretBasic(SECRET))
    for (const what of [token, 'unknown']) {
      const response = await oauth.revocationRequest(server, client, oauth.ClientSecretPost(SECRET), what, http)
      expect(await oauth.processRevocationResponse(response)).toBeUndefined()
    }
    expect(await whoami(service, token)).toMatchObject({ status: 401, body: { failure: 'revoked' } })
  })
})
