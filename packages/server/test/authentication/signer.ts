/** A client that signs assertions, and a service that it asks for tokens. */
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect } from '@jest/globals'
import { type CryptoKey, exportJWK, exportSPKI, generateKeyPair, type JWK, SignJWT } from 'jose'
import { type Database, openDatabase } from './database.js'
import { type Answer, addClient, postForm, type Service, startAuthentication } from './service.js'

export const ID = 'signer'
export const TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'

export const private_: Record<string, CryptoKey> = {}
export const public_: Record<string, JWK> = {}
export let spki: string
export let stranger: CryptoKey
export let database: Database
export let service: Service

export interface Assertion {
  alg?: string
  kid?: string | undefined
  key?: CryptoKey | undefined
  claims?: Record<string, unknown>
}

export const seconds = () => Math.floor(Date.now() / 1000)

/** A valid assertion, but for what is asked for. A claim that is undefined is left out. */
export function assertion({
  alg = 'EdDSA',
  kid = alg,
  key = private_[kid],
  claims = {},
}: Assertion = {}): Promise<string> {
  const payload = {
    iss: ID,
    sub: ID,
    aud: service.url,
    jti: randomUUID(),
    iat: seconds(),
    exp: seconds() + 60,
    ...claims,
  }
  return new SignJWT(JSON.parse(JSON.stringify(payload)))
    .setProtectedHeader({ alg, ...(kid !== '' && { kid }) })
    .sign(key as CryptoKey)
}

export function ask(token: string, form: Record<string, string> = {}, at: Service = service): Promise<Answer> {
  return postForm(`${at.url}/tract/auth/token/`, {
    grant_type: 'client_credentials',
    client_assertion_type: TYPE,
    client_assertion: token,
    ...form,
  })
}

export const because = (why: string | RegExp) => ({
  status: 401,
  body: { error: 'invalid_client', error_description: expect.stringMatching(why) },
})
/** One answer for all that would tell a guesser of a client. */
export const refused = because(
  /^client authentication failed: it is unknown or disabled, or no key registered for it signed the assertion$/,
)
export const spent = because(
  /^client authentication failed: the assertion was used before, each needs a jti of its own$/,
)

export function useSigner(): void {
  beforeAll(async () => {
    for (const kid of ['EdDSA', 'ES256', 'RS256', 'PS256', 'ES384', 'encryption', 'second']) {
      const algorithm = kid === 'encryption' || kid === 'second' ? 'EdDSA' : kid
      const { privateKey, publicKey } = await generateKeyPair(algorithm)
      private_[kid] = privateKey
      public_[kid] = { ...(await exportJWK(publicKey)), kid }
      if (kid === 'RS256') spki = await exportSPKI(publicKey)
    }
    stranger = (await generateKeyPair('EdDSA')).privateKey
    const keys = ['EdDSA', 'ES256', 'RS256', 'PS256', 'ES384'].map((kid) => public_[kid] as JWK)
    database = await openDatabase()
    service = await startAuthentication({ pool: database.pool })
    await addClient(database.stored, {
      clientId: ID,
      jwks: { keys: [...keys, { ...public_.encryption, use: 'enc' } as JWK] },
    })
  })
  afterAll(async () => {
    await service.close()
    await database.close()
  })
}
