import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { decodeJwt, decodeProtectedHeader } from 'jose'
import { newClientSecret } from '../../src/database/new-secrets.js'
import { type Database, openDatabase } from './database.js'
import { type Answer, addClient, basic, postForm, type Service, startAuthentication } from './service.js'

const HOUR = 3_600_000
const ID = 'acme desk:1 +%'
const SECRET = 'a secret: with + and % and ü'

let database: Database
let service: Service
let organisationId: string | null

beforeAll(async () => {
  database = await openDatabase()
  service = await startAuthentication({ pool: database.pool })
  organisationId = (await addClient(database.stored, { clientId: ID, secret: SECRET })).organisationId
})
afterAll(async () => {
  await service.close()
  await database.close()
})

type Form = Record<string, string> | [string, string][]
const GRANT = { grant_type: 'client_credentials' }
const POST = { client_id: ID, client_secret: SECRET }

const ask = (form: Form, headers: Record<string, string> = {}) =>
  postForm(`${service.url}/tract/auth/token/`, form, headers)

function expectError(answer: Answer, status: number, error: string, description: string | RegExp) {
  expect(answer).toMatchObject({ status, body: { error, code: error } })
  expect(Object.keys(answer.body).sort()).toEqual(['code', 'error', 'error_description'])
  expect(answer.body.error_description).toMatch(description)
  // The characters of RFC 6749 §5.2.
  expect(answer.body.error_description).toMatch(/^[\x20\x21\x23-\x5b\x5d-\x7e]+$/)
  expect(answer.headers.get('cache-control')).toBe('no-store')
  expect(answer.headers.get('www-authenticate')).toBe(status === 401 ? 'Basic realm="tract", charset="UTF-8"' : null)
}

describe('a token', () => {
  test('is a JWT of RFC 9068, bound to organisation and listener', async () => {
    const before = Math.floor(Date.now() / 1000)
    const answer = await ask(GRANT, basic(ID, SECRET))
    expect(answer).toMatchObject({
      status: 200,
      body: { token_type: 'Bearer', expires_in: 900, scope: 'hooks messages:write' },
    })
    expect(Object.keys(answer.body).sort()).toEqual(['access_token', 'expires_in', 'scope', 'token_type'])
    expect(answer.headers.get('cache-control')).toBe('no-store')
    expect(answer.headers.get('pragma')).toBe('no-cache')

    const token = answer.body.access_token as string
    const [published] = service.authentication.jwks().keys
    expect(decodeProtectedHeader(token)).toEqual({ alg: 'EdDSA', typ: 'at+jwt', kid: published?.kid })
    const claims = decodeJwt(token)
    expect(claims).toEqual({
      iss: service.url,
      aud: service.url,
      sub: ID,
      client_id: ID,
      organisation: organisationId,
      listener: 'desk',
      scope: 'hooks messages:write',
      iat: expect.any(Number),
      exp: (claims.iat as number) + 900,
      jti: expect.stringMatching(/^[0-9a-f-]{36}$/),
    })
    expect(claims.iat).toBeGreaterThanOrEqual(before)
  })

  test('of an operator names no organisation and no listener', async () => {
    const { clientId } = await addClient(database.stored, { secret: 's', listener: null, scopes: ['platform:admin'] })
    const claims = decodeJwt((await ask(GRANT, basic(clientId, 's'))).body.access_token as string)
    expect(claims).not.toHaveProperty('organisation')
    expect(claims).not.toHaveProperty('listener')
  })

  test('has the lifetime that is set', async () => {
    const short = await startAuthentication({ pool: database.pool, settings: { tokenLifetimeSeconds: 30 } })
    try {
      const { body } = await postForm(`${short.url}/tract/auth/token/`, GRANT, basic(ID, SECRET))
      const { exp, iat } = decodeJwt(body.access_token as string)
      expect([body.expires_in, (exp as number) - (iat as number)]).toEqual([30, 30])
    } finally {
      await short.close()
    }
  })
})

describe('a client authenticates', () => {
  test('by client_secret_basic, form-encoded within (RFC 6749 §2.3.1)', async () => {
    expect((await ask(GRANT, basic(ID, SECRET))).status).toBe(200)
  })

  test('by client_secret_basic with its client_id in the form as well', async () => {
    expect((await ask({ ...GRANT, client_id: ID }, basic(ID, SECRET))).status).toBe(200)
  })

  test('by client_secret_basic whatever the case of the scheme', async () => {
    const { authorization } = basic(ID, SECRET)
    expect((await ask(GRANT, { authorization: authorization.replace('Basic', 'bAsIc') })).status).toBe(200)
  })

  test('by client_secret_post', async () => {
    expect((await ask({ ...GRANT, ...POST })).status).toBe(200)
  })

  test('with either secret during a rotation, and with the new one only after it', async () => {
    const [old, current] = [newClientSecret().secret, newClientSecret().secret]
    const rotating = await addClient(database.stored, {
      secret: current,
      previousSecret: { secret: old, expiresAt: new Date(Date.now() + HOUR) },
    })
    expect((await ask(GRANT, basic(rotating.clientId, old))).status).toBe(200)
    expect((await ask(GRANT, basic(rotating.clientId, current))).status).toBe(200)

    const rotated = await addClient(database.stored, {
      secret: current,
      previousSecret: { secret: old, expiresAt: new Date(Date.now() - 1) },
    })
    expectError(
      await ask(GRANT, basic(rotated.clientId, old)),
      401,
      'invalid_client',
      /^client authentication failed: it is unknown or disabled, or the secret is wrong$/,
    )
    expect((await ask(GRANT, basic(rotated.clientId, current))).status).toBe(200)
  })
})

describe('invalid_client', () => {
  test.each<[string, () => Promise<Answer>]>([
    ['a wrong secret', () => ask(GRANT, basic(ID, 'wrong'))],
    ['a wrong secret in the form', () => ask({ ...GRANT, client_id: ID, client_secret: 'wrong' })],
    ['an empty secret', () => ask(GRANT, basic(ID, ''))],
    ['an unknown client', () => ask(GRANT, basic('nobody', SECRET))],
    ['an unknown client in the form', () => ask({ ...GRANT, client_id: 'nobody', client_secret: SECRET })],
    ['an id with a NUL', () => ask(GRANT, basic('a\0b', SECRET))],
    ['an id longer than any', () => ask(GRANT, basic('a'.repeat(129), SECRET))],
    ['an id that is SQL', () => ask(GRANT, basic("' or true --", SECRET))],
  ])('answers %s', async (_, request) => {
    expectError(
      await request(),
      401,
      'invalid_client',
      /^client authentication failed: it is unknown or disabled, or the secret is wrong$/,
    )
  })

  test.each<[string, Form, Record<string, string>, string]>([
    ['no authentication', GRANT, {}, 'client authentication is required'],
    ['a client_id alone', { ...GRANT, client_id: ID }, {}, 'client authentication is required'],
    ['an empty client_secret', { ...GRANT, client_id: ID, client_secret: '' }, {}, 'client authentication is required'],
    ['another scheme', GRANT, { authorization: 'Bearer abc' }, 'must be Basic'],
    ['Basic without credentials', GRANT, { authorization: 'Basic ' }, 'must be Basic'],
    ['Basic that is not base64', GRANT, { authorization: 'Basic ???' }, 'must be Basic'],
  ])('answers %s', async (_, form, headers, description) => {
    expectError(await ask(form, headers), 401, 'invalid_client', description)
  })

  test('answers a client that has a key set and no secret', async () => {
    const { clientId } = await addClient(database.stored, { jwks: { keys: [] } })
    expectError(await ask(GRANT, basic(clientId, '')), 401, 'invalid_client', 'failed')
    // What is compared with when there is no hash must be the hash of no secret.
    expectError(await ask(GRANT, basic(clientId, '\0'.repeat(32))), 401, 'invalid_client', 'failed')
  })

  test('answers a disabled client and one whose listener is disabled or gone', async () => {
    const [client, listener, orphan] = await Promise.all(
      [1, 2, 3].map(() => addClient(database.stored, { secret: 's' })),
    )
    await database.stored.change('clients', { enabled: false }, { client_id: client?.clientId })
    await database.stored.change('listeners', { enabled: false }, { organisation_id: listener?.organisationId })
    await database.stored.change('clients', { listener_id: 'gone' }, { client_id: orphan?.clientId })
    for (const disabled of [client, listener, orphan]) {
      expectError(
        await ask(GRANT, basic(disabled?.clientId ?? '', 's')),
        401,
        'invalid_client',
        /^client authentication failed: it is unknown or disabled, or the secret is wrong$/,
      )
    }
  })
})

describe('invalid_request', () => {
  test.each<[string, Form, Record<string, string>, string | RegExp]>([
    ['no grant_type', POST, {}, 'grant_type is required'],
    ['an empty grant_type', { ...POST, grant_type: '' }, {}, 'grant_type is required'],
    ['no body', {}, {}, 'grant_type is required'],
    [
      'a parameter twice',
      [...Object.entries({ ...GRANT, ...POST }), ['scope', 'hooks'], ['scope', 'hooks']],
      {},
      'scope is given more than once',
    ],
    [
      'grant_type twice',
      [...Object.entries({ ...GRANT, ...POST }), ['grant_type', 'password']],
      {},
      'grant_type is given more than once',
    ],
    [
      'an unknown parameter twice',
      [...Object.entries({ ...GRANT, ...POST }), ['ä"', '1'], ['ä"', '2']],
      {},
      /^\?\? is given more than once/,
    ],
    ['Basic and a secret in the form', { ...GRANT, ...POST }, basic(ID, SECRET), 'more than one'],
    ['Basic and an assertion', { ...GRANT, client_assertion: 'a.b.c' }, basic(ID, SECRET), 'more than one'],
    [
      'a Bearer header and a secret in the form',
      { ...GRANT, ...POST },
      { authorization: 'Bearer abc' },
      'more than one',
    ],
    ['a secret and an assertion', { ...GRANT, ...POST, client_assertion: 'a.b.c' }, {}, 'more than one'],
    ['a secret without a client_id', { ...GRANT, client_secret: SECRET }, {}, 'client_id is required'],
    [
      'another client_id in the form than in Basic',
      { ...GRANT, client_id: 'other' },
      basic(ID, SECRET),
      'client_id differs',
    ],
    ['Basic without a colon', GRANT, { authorization: `Basic ${btoa('no colon')}` }, 'has no client_id:client_secret'],
    ['Basic not form-encoded', GRANT, { authorization: `Basic ${btoa('a:100%')}` }, 'must be form-encoded'],
    ['an assertion without its type', { ...GRANT, client_assertion: 'a.b.c' }, {}, 'client_assertion_type is required'],
    [
      'an assertion of another type',
      { ...GRANT, client_assertion: 'a.b.c', client_assertion_type: 'saml' },
      {},
      'client_assertion_type must be',
    ],
  ])('answers %s', async (_, form, headers, description) => {
    expectError(await ask(form, headers), 400, 'invalid_request', description)
  })

  test('answers a body that is no form', async () => {
    for (const form of ['text', 7, ['a'], { grant_type: 7 }]) {
      const { status, body } = await service.authentication.issueToken({ form })
      expect([status, body.error, body.error_description]).toEqual([
        400,
        'invalid_request',
        expect.stringMatching('form-urlencoded'),
      ])
    }
  })
})

test.each(['password', 'authorization_code', 'refresh_token', 'CLIENT_CREDENTIALS', '__proto__'])(
  'unsupported_grant_type answers %s',
  async (grantType) => {
    expectError(await ask({ ...POST, grant_type: grantType }), 400, 'unsupported_grant_type', 'client_credentials')
  },
)

describe('scope', () => {
  test.each([
    ['hooks', 'hooks'],
    ['messages:write hooks', 'hooks messages:write'],
    ['hooks hooks', 'hooks'],
    ['', 'hooks messages:write'],
  ])('%p gets %p', async (asked, granted) => {
    const { status, body } = await ask({ ...GRANT, ...POST, scope: asked })
    expect([status, body.scope]).toEqual([200, granted])
    expect(decodeJwt(body.access_token as string).scope).toBe(granted)
  })

  test.each([
    ['threads:control', 'does not hold the scope threads:control'],
    ['hooks platform:admin', 'does not hold the scope platform:admin'],
    ['Hooks', 'does not hold the scope Hooks'],
    ['hooks  messages:write', 'names separated by single spaces'],
    [' hooks', 'names separated by single spaces'],
    ['hooks\tmessages:write', 'names separated by single spaces'],
    ['"hooks"', 'names separated by single spaces'],
    ['x'.repeat(500), 'does not hold the scope x{61}\\.\\.\\.$'],
  ])('invalid_scope answers %p', async (asked, description) => {
    expectError(await ask({ ...GRANT, ...POST, scope: asked }), 400, 'invalid_scope', new RegExp(description))
  })

  test('invalid_scope answers a client that holds none', async () => {
    const { clientId } = await addClient(database.stored, { secret: 's', scopes: [] })
    expectError(await ask(GRANT, basic(clientId, 's')), 400, 'invalid_scope', 'holds no scope')
  })

  test('is not looked at before the client is known', async () => {
    expectError(await ask({ ...GRANT, scope: 'unknown' }, basic(ID, 'wrong')), 401, 'invalid_client', 'failed')
  })
})

test('an unknown parameter is ignored (RFC 6749 §3.2)', async () => {
  expect((await ask({ ...GRANT, ...POST, audience: 'x', resource: 'y' })).status).toBe(200)
})

test('nothing that a client sends fails the server', () => {
  expect(service.errors).toEqual([])
})
