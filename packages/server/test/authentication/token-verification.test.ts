import { createHmac } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { type CryptoKey, decodeJwt, exportSPKI, generateKeyPair, importJWK, type JWK, SignJWT } from 'jose'
import { SecretBox } from '../../src/database/secret-box.js'
import { type Database, openDatabase } from './database.js'
import {
  addClient,
  basic,
  getToken,
  postForm,
  SECRET_KEY,
  type Service,
  startAuthentication,
  whoami,
} from './service.js'

const ID = 'acme'
let now = Date.now()
let database: Database
let service: Service
let organisationId: string | null
let signingKey: CryptoKey
let kid: string

beforeAll(async () => {
  database = await openDatabase()
  service = await startAuthentication({
    pool: database.pool,
    now: () => now,
    settings: { unknownKidPauseSeconds: 0, cachedTokens: 5 },
  })
  organisationId = (await addClient(database.stored, { clientId: ID, secret: 's' })).organisationId
  const key = await database.stored.row('signing_keys')
  kid = key.kid
  const jwk = JSON.parse(new SecretBox(SECRET_KEY).openText(key.private_key, `signing_keys:${kid}`))
  signingKey = (await importJWK(jwk, 'EdDSA')) as CryptoKey
})
afterAll(async () => {
  await service.close()
  await database.close()
})

const token = () => getToken(service, ID, 's')
const verify = async (token: string | undefined) => {
  const verification = await service.authentication.verify(token)
  return verification.ok ? 'valid' : verification.failure
}
const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')

interface Forgery {
  header?: Record<string, unknown>
  claims?: Record<string, unknown>
  key?: CryptoKey
}

/** What this server would have signed, but for what is asked for. A claim that is undefined is left out. */
function forge({ header = {}, claims = {}, key = signingKey }: Forgery): Promise<string> {
  const iat = Math.floor(now / 1000)
  const genuine = {
    iss: service.url,
    aud: service.url,
    sub: ID,
    client_id: ID,
    scope: 'hooks',
    jti: 'j',
    iat,
    exp: iat + 60,
  }
  return new SignJWT(JSON.parse(JSON.stringify({ ...genuine, ...claims })))
    .setProtectedHeader({ alg: 'EdDSA', typ: 'at+jwt', kid, ...header })
    .sign(key)
}

describe('a valid token', () => {
  test('says who may do what, and until when', async () => {
    const issued = await token()
    const { jti, exp } = decodeJwt(issued)
    const access = {
      clientId: ID,
      organisationId,
      listener: 'desk',
      scopes: new Set(['hooks', 'messages:write']),
      jti,
      kid,
      expiresAt: (exp as number) * 1000,
    }
    expect(service.authentication.verifyCached(issued)).toBeUndefined()
    expect(await service.authentication.verify(issued)).toEqual({ ok: true, access })
    expect(service.authentication.verifyCached(issued)).toEqual(access)
    expect(await whoami(service, issued)).toMatchObject({ status: 200, body: { clientId: ID, listener: 'desk' } })
  })

  test('of an operator is of no organisation and no listener', async () => {
    const { clientId } = await addClient(database.stored, { secret: 's', listener: null, scopes: ['platform:admin'] })
    const verification = await service.authentication.verify(await getToken(service, clientId, 's'))
    expect(verification).toMatchObject({ access: { organisationId: null, listener: null } })
  })

  test('ends in the second that it says, cached or not', async () => {
    const [cached, fresh] = [await token(), await token()]
    const end = (decodeJwt(cached).exp as number) * 1000
    expect(await verify(cached)).toBe('valid')
    now = end - 1
    expect(service.authentication.verifyCached(cached)).toBeDefined()
    expect(await verify(fresh)).toBe('valid')
    now = end + 1000
    expect(service.authentication.verifyCached(cached)).toBeUndefined()
    expect(await verify(cached)).toBe('expired')
    expect(await verify(fresh)).toBe('expired')
    now = Date.now()
  })

  test('is remembered among the last few only', async () => {
    const tokens = await Promise.all(Array.from({ length: 8 }, token))
    for (const issued of tokens) expect(await verify(issued)).toBe('valid')
    const remembered = tokens.map((issued) => service.authentication.verifyCached(issued) !== undefined)
    expect(remembered).toEqual([false, false, false, true, true, true, true, true])
    expect(await verify(tokens[0])).toBe('valid')
  })
})

describe('a token is refused', () => {
  test('as missing', async () => {
    expect(await verify(undefined)).toBe('missing')
    expect(await verify('')).toBe('missing')
    expect((await fetch(`${service.url}/whoami`)).status).toBe(401)
  })

  test.each(['x', 'a.b.c', '..', '...', '\0', 'ä.ö.ü', '[object Object]'])('as malformed: %p', async (text) => {
    expect(await verify(text)).toBe('malformed')
  })

  test.each<[string, string, () => Forgery]>([
    ['wrong_issuer', 'another issuer', () => ({ claims: { iss: 'https://elsewhere.example' } })],
    ['wrong_issuer', 'the issuer with a slash', () => ({ claims: { iss: `${service.url}/` } })],
    ['wrong_audience', 'another audience', () => ({ claims: { aud: 'https://elsewhere.example' } })],
    ['wrong_audience', 'no audience in the list', () => ({ claims: { aud: [] } })],
    ['malformed', 'no issuer', () => ({ claims: { iss: undefined } })],
    ['malformed', 'no audience', () => ({ claims: { aud: undefined } })],
    ['malformed', 'no expiry', () => ({ claims: { exp: undefined } })],
    ['malformed', 'an expiry that is no number', () => ({ claims: { exp: '9999999999' } })],
    ['malformed', 'no client_id', () => ({ claims: { client_id: undefined } })],
    ['malformed', 'no jti', () => ({ claims: { jti: undefined } })],
    ['malformed', 'no scope', () => ({ claims: { scope: undefined } })],
    ['malformed', 'an organisation that is no string', () => ({ claims: { organisation: 7 } })],
    ['malformed', 'a listener that is no string', () => ({ claims: { listener: ['desk'] } })],
    ['malformed', 'another typ', () => ({ header: { typ: 'JWT' } })],
    ['malformed', 'no typ', () => ({ header: { typ: undefined } })],
    ['expired', 'an expiry in the past', () => ({ claims: { exp: Math.floor(now / 1000) } })],
    ['tampered', 'no kid', () => ({ header: { kid: undefined } })],
    ['tampered', 'an unknown kid', () => ({ header: { kid: 'A'.repeat(43) } })],
    ['tampered', 'a kid of another form', () => ({ header: { kid: "' or true --" } })],
  ])('as %s, although signed by this server: %s', async (failure, _, forgery) => {
    expect(await verify(await forge(forgery()))).toBe(failure)
  })

  test('as tampered when another key signed it under the kid of ours, or brought its key along', async () => {
    const { privateKey, publicKey } = await generateKeyPair('EdDSA')
    const jwk = (await crypto.subtle.exportKey('jwk', publicKey)) as JWK
    expect(await verify(await forge({ key: privateKey }))).toBe('tampered')
    expect(await verify(await forge({ key: privateKey, header: { jwk } }))).toBe('tampered')
    expect(await verify(await forge({ key: privateKey, header: { kid: undefined, jwk } }))).toBe('tampered')
  })

  test('as tampered when any part of it was changed', async () => {
    const [header, payload, signature] = (await token()).split('.') as [string, string, string]
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString())
    const changed = [
      `${header}.${encode({ ...claims, scope: 'platform:admin' })}.${signature}`,
      `${header}.${encode({ ...claims, exp: claims.exp + 3600 })}.${signature}`,
      `${header}.${payload}.${Buffer.alloc(64).toString('base64url')}`,
      `${header}.${payload}.`,
      `${header}.${payload}.${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`,
    ]
    for (const forgery of changed) expect(await verify(forgery)).toBe('tampered')
  })

  test('as tampered when it is not signed, or signed with the public key as a shared secret', async () => {
    const [, payload] = (await token()).split('.')
    const [published] = service.authentication.jwks().keys
    const spki = await exportSPKI((await importJWK(published as JWK, 'EdDSA')) as CryptoKey)
    const x = published?.x as string
    for (const alg of ['none', 'None', 'NONE', '']) {
      expect(['tampered', 'malformed']).toContain(await verify(`${encode({ alg, typ: 'at+jwt', kid })}.${payload}.`))
    }
    for (const secret of [spki, x, Buffer.from(x, 'base64url'), JSON.stringify(published)]) {
      const input = `${encode({ alg: 'HS256', typ: 'at+jwt', kid })}.${payload}`
      const signature = createHmac('sha256', secret).update(input).digest('base64url')
      expect(await verify(`${input}.${signature}`)).toBe('tampered')
    }
  })

  test('by an answer, not by a failure, whatever it is', async () => {
    const genuine = await token()
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc
        .tuple(fc.json(), fc.json(), fc.string())
        .map(([a, b, c]) => [a, b, c].map((part) => Buffer.from(part).toString('base64url')).join('.')),
      fc
        .tuple(fc.nat(genuine.length - 1), fc.string({ minLength: 1, maxLength: 3 }))
        .map(([at, piece]) => genuine.slice(0, at) + piece + genuine.slice(at + piece.length + 1)),
    )
    await fc.assert(
      fc.asyncProperty(text, async (forgery) => {
        expect(['missing', 'malformed', 'tampered']).toContain(await verify(forgery))
      }),
      { numRuns: 300 },
    )
  })
})

test('unknown kids are looked up together, and only so often', async () => {
  let lookUps = 0
  const pool = database.open()
  const query = pool.query.bind(pool)
  pool.query = ((statement: { name?: string }) => {
    if (statement.name === 'list_signing_keys') lookUps++
    return query(statement as never)
  }) as never
  const guarded = await startAuthentication({ pool, publicUrl: service.url, settings: { unknownKidPauseSeconds: 0.2 } })
  try {
    lookUps = 0
    const started = performance.now()
    for (let round = 0; round < 4; round++) {
      const forgeries = await Promise.all(
        Array.from({ length: 20 }, (_, index) => forge({ header: { kid: `${round}-${index}`.padStart(43, 'A') } })),
      )
      const verifications = await Promise.all(forgeries.map((forgery) => guarded.authentication.verify(forgery)))
      expect(verifications).toEqual(Array(20).fill({ ok: false, failure: 'tampered' }))
    }
    expect(lookUps).toBeLessThanOrEqual(1 + Math.ceil((performance.now() - started) / 200))
    // A known key is not held up by them.
    expect((await guarded.authentication.verify(await token())).ok).toBe(true)
  } finally {
    await guarded.close()
  }
})

test('a database out of reach is not the fault of a token', async () => {
  const pool = database.open()
  const alone = await startAuthentication({ pool, publicUrl: service.url })
  const issued = await getToken(alone, ID, 's')
  await alone.close()
  await pool.end()
  expect((await alone.authentication.verify(issued)).ok).toBe(true)
  await expect(alone.authentication.verify(await forge({ header: { kid: 'A'.repeat(43) } }))).rejects.toThrow()
  const request = { ...basic(ID, 's'), form: { grant_type: 'client_credentials' } }
  await expect(
    alone.authentication.issueToken({ ...request, authorizationHeader: request.authorization }),
  ).rejects.toThrow()
})

test('a token for another port is not valid here', async () => {
  const other = await startAuthentication({ pool: database.pool })
  try {
    expect(await verify(await getToken(other, ID, 's'))).toBe('wrong_issuer')
    expect(
      (await postForm(`${service.url}/tract/auth/token/`, { grant_type: 'client_credentials' }, basic(ID, 's'))).status,
    ).toBe(200)
  } finally {
    await other.close()
  }
})
