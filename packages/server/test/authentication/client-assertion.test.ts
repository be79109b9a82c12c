import { createHmac } from 'node:crypto'
import { describe, expect, test } from '@jest/globals'
import type { JWK } from 'jose'
import { type Answer, addClient } from './service.js'
import {
  type Assertion,
  ask,
  assertion,
  because,
  database,
  ID,
  private_,
  public_,
  refused,
  seconds,
  service,
  spki,
  stranger,
  useSigner,
} from './signer.js'

useSigner()

describe('an assertion is accepted', () => {
  test.each(['EdDSA', 'ES256', 'RS256', 'PS256'])('signed by %s', async (alg) => {
    expect((await ask(await assertion({ alg }))).status).toBe(200)
  })

  test('signed by Ed25519, as RFC 9864 names it, whatever name the key was registered with', async () => {
    for (const registered of [undefined, 'EdDSA', 'Ed25519']) {
      const jwk = { ...public_.EdDSA, ...(registered && { alg: registered }) } as JWK
      const { clientId } = await addClient(database.stored, { jwks: { keys: [jwk] } })
      for (const alg of ['EdDSA', 'Ed25519']) {
        const token = await assertion({ alg, kid: 'EdDSA', claims: { iss: clientId, sub: clientId } })
        expect((await ask(token)).status).toBe(200)
      }
    }
  })

  test('without a kid, from any of several keys of one type', async () => {
    const { clientId } = await addClient(database.stored, {
      jwks: { keys: [public_.EdDSA, public_.second, public_.ES256] as JWK[] },
    })
    for (const key of [private_.EdDSA, private_.second]) {
      expect((await ask(await assertion({ kid: '', key, claims: { iss: clientId, sub: clientId } }))).status).toBe(200)
    }
    const forged = await assertion({ kid: '', key: stranger, claims: { iss: clientId, sub: clientId } })
    expect(await ask(forged)).toMatchObject(refused)
  })

  test('with a client_id beside it', async () => {
    expect((await ask(await assertion(), { client_id: ID })).status).toBe(200)
  })

  test.each<[string, (url: string) => unknown]>([
    ['the issuer', (url) => url],
    ['the issuer with a slash', (url) => `${url}/`],
    ['the token endpoint', (url) => `${url}/tract/auth/token/`],
    ['the token endpoint without its slash', (url) => `${url}/tract/auth/token`],
    ['both, in a list', (url) => [url, `${url}/tract/auth/token/`]],
  ])('for the audience %s', async (_, aud) => {
    expect((await ask(await assertion({ claims: { aud: aud(service.url) } }))).status).toBe(200)
  })

  test('from a clock that is a little off', async () => {
    const claims = { iat: seconds() + 20, nbf: seconds() + 20, exp: seconds() + 320 }
    expect((await ask(await assertion({ claims }))).status).toBe(200)
    expect((await ask(await assertion({ claims: { exp: seconds() - 20 } }))).status).toBe(200)
  })
})

describe('an assertion is refused', () => {
  test.each<[string, () => Record<string, unknown>, RegExp]>([
    ['has no exp', () => ({ exp: undefined }), /exp must be a number/],
    ['has expired', () => ({ exp: seconds() - 31 }), /it has expired, exp is \d+ and the time here is \d+/],
    ['lives for too long', () => ({ exp: seconds() + 400 }), /exp may be 300 seconds ahead at most and is (399|400)$/],
    [
      'lives for an hour, as those of Authlib',
      () => ({ exp: seconds() + 3600 }),
      /lives for too long, exp may be 300 sec/,
    ],
    ['lives for ever', () => ({ exp: 1e300 }), /lives for too long/],
    ['has an exp that is no number', () => ({ exp: `${seconds() + 60}` }), /exp must be a number/],
    ['has no jti', () => ({ jti: undefined }), /jti must be a string of 1 to 256 characters/],
    ['has an empty jti', () => ({ jti: '' }), /jti must be/],
    ['has a jti that is no string', () => ({ jti: 7 }), /jti must be/],
    ['has a jti that is too long', () => ({ jti: 'x'.repeat(257) }), /jti must be/],
    ['has a jti with a NUL', () => ({ jti: 'a\0b' }), /jti must be/],
    ['has no audience', () => ({ aud: undefined }), /aud must be http:\S+, the token endpoint, or both/],
    ['has an empty list of audiences', () => ({ aud: [] }), /aud must be/],
    ['is for another server', () => ({ aud: 'https://elsewhere.example' }), /aud must be/],
    ['is for another server as well', () => ({ aud: [service.url, 'https://elsewhere.example'] }), /aud must be/],
    ['is for another path of this one', () => ({ aud: `${service.url}/whoami` }), /aud must be/],
    ["is another issuer's", () => ({ iss: 'somebody' }), /iss and sub must both be the client_id/],
    ['has no issuer', () => ({ iss: undefined }), /iss and sub/],
    ['is about another client', () => ({ sub: 'somebody' }), /iss and sub/],
    ['has no subject', () => ({ sub: undefined }), /iss and sub/],
    ['has neither', () => ({ iss: undefined, sub: undefined }), /iss and sub/],
    ['has a subject that is no string', () => ({ sub: 7 }), /iss and sub/],
    ['is not valid yet', () => ({ nbf: seconds() + 60 }), /nbf is \d+, in the future, the time here is \d+/],
    ['has an nbf that is no number', () => ({ nbf: 'now' }), /nbf must be a number/],
    ['was issued in the future', () => ({ iat: seconds() + 60 }), /iat is \d+, in the future/],
    ['has an iat that is no number', () => ({ iat: 'now' }), /iat must be a number/],
  ])('that %s, and the answer says why', async (_, claims, why) => {
    const itself = await ask(await assertion({ claims: claims() }))
    expect(itself).toMatchObject(because(/^the assertion is refused: /))
    expect(itself).toMatchObject(because(why))
    // who signed it, and whether there is such a client, has no part in it
    expect(await ask(await assertion({ key: stranger, claims: claims() }))).toMatchObject(because(why))
  })

  test('of nobody with the same words as of a client', async () => {
    const claims = (client: string) => ({ iss: client, sub: client, exp: 1e10 })
    const [known, unknown] = [await assertion({ claims: claims(ID) }), await assertion({ claims: claims('nobody') })]
    const said = (answer: Answer) => answer.body.error_description?.toString().replace(/\d+$/, '')
    expect(said(await ask(unknown))).toBe(said(await ask(known)))
  })

  test.each<[string, () => Assertion]>([
    ['by a key that is not registered', () => ({ key: stranger })],
    ['under an unknown kid', () => ({ kid: 'unknown', key: private_.EdDSA })],
    ['by one key under the kid of another', () => ({ kid: 'EdDSA', key: private_.second })],
    ['by a key that is registered for encryption', () => ({ kid: 'encryption' })],
  ])('signed %s', async (_, how) => {
    expect(await ask(await assertion(how()))).toMatchObject(refused)
  })

  test('signed by an algorithm that is not offered', async () => {
    expect(await ask(await assertion({ alg: 'ES384' }))).toMatchObject(
      because(/alg must be one of EdDSA, Ed25519, ES256/),
    )
  })

  test('that is not signed, or signed with the public key as a shared secret', async () => {
    const [, payload] = (await assertion()).split('.')
    const encode = (header: object) => Buffer.from(JSON.stringify(header)).toString('base64url')
    const signed = (header: object, secret: string) => {
      const input = `${encode(header)}.${payload}`
      return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`
    }
    const forgeries = [
      `${encode({ alg: 'none' })}.${payload}.`,
      `${encode({ alg: 'None', kid: 'EdDSA' })}.${payload}.`,
      signed({ alg: 'HS256', kid: 'RS256' }, spki),
      signed({ alg: 'HS256', kid: 'EdDSA' }, public_.EdDSA?.x as string),
      signed({ alg: 'HS256', jwk: { kty: 'oct', k: 'c2VjcmV0' } }, 'secret'),
    ]
    for (const forgery of forgeries) expect(await ask(forgery)).toMatchObject(because(/alg must be one of/))
  })

  test('that was altered, or is no JWT', async () => {
    const [header, payload, signature] = (await assertion()).split('.') as [string, string, string]
    const { exp, ...claims } = JSON.parse(Buffer.from(payload, 'base64url').toString())
    const longer = Buffer.from(JSON.stringify({ ...claims, exp: exp + 1 })).toString('base64url')
    const altered = [`${header}.${longer}.${signature}`, `${header}.${payload}.AAAA`]
    for (const token of altered) expect(await ask(token)).toMatchObject(refused)
    for (const token of ['a.b.c', 'x', '..', `${header}.e30`, `${header}..${signature}`])
      expect(await ask(token)).toMatchObject(because(/client_assertion is not a signed JWT|refused: /))
    expect(await ask(`${header}.${payload}`)).toMatchObject(
      because(/client_assertion is not a signed JWT|refused|failed/),
    )
  })

  test('for another client_id', async () => {
    const other = ask(await assertion(), { client_id: 'other' })
    expect(await other).toMatchObject(because(/client_id differs from the one in the assertion/))
  })

  test('from an unknown client, and from one without a key set', async () => {
    const { clientId } = await addClient(database.stored, { secret: 's' })
    for (const client of ['nobody', clientId]) {
      for (const alg of ['EdDSA', 'ES256', 'RS256']) {
        expect(await ask(await assertion({ alg, claims: { iss: client, sub: client } }))).toMatchObject(refused)
      }
    }
  })

  test('from a disabled client', async () => {
    const { clientId } = await addClient(database.stored, { jwks: { keys: [public_.EdDSA as JWK] } })
    await database.stored.change('clients', { enabled: false }, { client_id: clientId })
    expect(await ask(await assertion({ claims: { iss: clientId, sub: clientId } }))).toMatchObject(refused)
  })
})

test('nothing that a client sends fails the server', () => {
  expect(service.errors).toEqual([])
})
