import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { until } from '@tract/testing/until'
import { decodeJwt } from 'jose'
import { announceAccessChange } from '../../src/authentication/revocations.js'
import { type Database, openDatabase } from './database.js'
import { addClient, basic, getToken, postForm, type Service, startAuthentication, whoami } from './service.js'

const ID = 'acme'
let database: Database
/** Two processes behind one address. Neither polls within the time of a test. */
let here: Service
let there: Service
let clock = 0

beforeAll(async () => {
  database = await openDatabase()
  const settings = { accessPollSeconds: 3600 }
  here = await startAuthentication({ pool: database.pool, settings, now: () => Date.now() + clock })
  there = await startAuthentication({
    pool: database.open(),
    publicUrl: here.url,
    settings,
    now: () => Date.now() + clock,
  })
  await addClient(database.stored, { clientId: ID, secret: 's' })
})
afterAll(async () => {
  await there.close()
  await here.close()
  await database.close()
})

const revoke = (form: Record<string, string>, headers = basic(ID, 's'), at = here) =>
  postForm(`${at.url}/tract/auth/revoke/`, form, headers)

const failureAt = async (service: Service, token: string) => (await whoami(service, token)).body.failure

/** A token that both processes have verified and remember. */
async function knownToken(clientId = ID): Promise<string> {
  const token = await getToken(here, clientId, 's')
  expect((await whoami(here, token)).status).toBe(200)
  expect((await whoami(there, token)).status).toBe(200)
  return token
}

describe('a revoked token', () => {
  test('stops working here at once and in the other processes when they are told', async () => {
    const token = await knownToken()
    expect(await revoke({ token })).toMatchObject({ status: 200, body: {} })
    expect(here.authentication.verifyCached(token)).toBeUndefined()
    expect(await failureAt(here, token)).toBe('revoked')
    await until(() => there.authentication.verifyCached(token) === undefined, 'the notification')
    expect(await failureAt(there, token)).toBe('revoked')
  })

  test('is unknown to no process that starts later', async () => {
    const token = await getToken(here, ID, 's')
    await revoke({ token })
    const later = await startAuthentication({ pool: database.open(), publicUrl: here.url })
    try {
      expect(await failureAt(later, token)).toBe('revoked')
    } finally {
      await later.close()
    }
  })

  test('is heard of by polling where notifications do not arrive', async () => {
    const token = await knownToken()
    const polling = await startAuthentication({
      pool: database.open(),
      publicUrl: here.url,
      settings: { accessPollSeconds: 0.05 },
    })
    try {
      expect((await whoami(polling, token)).status).toBe(200)
      const { jti, exp } = decodeJwt(token)
      await database.stored.insert('revoked_tokens', { jti, expires_at: new Date((exp as number) * 1000) })
      await until(() => polling.authentication.verifyCached(token) === undefined, 'the poll')
      expect((await whoami(there, token)).status).toBe(200)
      await there.authentication.refreshAccess()
      expect(await failureAt(there, token)).toBe('revoked')
    } finally {
      await polling.close()
    }
  })

  test('is heard of after the connection for notifications was lost', async () => {
    const token = await knownToken()
    const connection = () =>
      database.pool.query(
        "select pid from pg_stat_activity where datname = current_database() and query ilike 'listen%'",
      )
    const before = (await connection()).rows.map((row) => row.pid)
    expect(before).toHaveLength(2)
    const { jti, exp } = decodeJwt(token)
    // Without a notification: what was missed while there was no connection.
    await database.stored.insert('revoked_tokens', { jti, expires_at: new Date((exp as number) * 1000) })
    await database.pool.query('select pg_terminate_backend(pid) from unnest($1::int[]) pid', [before])
    await until(
      async () => (await failureAt(here, token)) === 'revoked' && (await failureAt(there, token)) === 'revoked',
      'catching up',
    )
    expect((await connection()).rows).toHaveLength(2)

    const next = await knownToken()
    await revoke({ token: next })
    await until(() => there.authentication.verifyCached(next) === undefined, 'the notification')
    here.errors.length = there.errors.length = 0
  })

  test('is forgotten when it would have expired', async () => {
    const token = await knownToken()
    const jti = decodeJwt(token).jti
    await revoke({ token })
    const stored = () => database.stored.count('revoked_tokens', { jti })
    await here.authentication.maintain()
    expect(await stored()).toBe(1)
    clock = 901_000
    await here.authentication.maintain()
    await here.authentication.refreshAccess()
    expect(await stored()).toBe(0)
    expect(await failureAt(here, token)).toBe('expired')
    clock = 0
  })

  test('can be revoked again', async () => {
    const token = await knownToken()
    expect((await revoke({ token })).status).toBe(200)
    expect((await revoke({ token })).status).toBe(200)
    expect((await revoke({ token }, basic(ID, 's'), there)).status).toBe(200)
  })
})

describe('the revocation endpoint', () => {
  test.each(['x', 'a.b.c', 'eyJhbGciOiJub25lIn0.e30.', '\0'])(
    'answers 200 to what is no token of its own: %p',
    async (token) => {
      expect(await revoke({ token })).toMatchObject({ status: 200, body: {} })
    },
  )

  test('answers 200 to an expired token', async () => {
    const token = await getToken(here, ID, 's')
    clock = 901_000
    expect((await revoke({ token })).status).toBe(200)
    clock = 0
  })

  test('ignores the hint', async () => {
    const token = await knownToken()
    expect((await revoke({ token, token_type_hint: 'refresh_token' })).status).toBe(200)
    expect(await failureAt(here, token)).toBe('revoked')
  })

  test("refuses another client's token, which stays valid", async () => {
    const { clientId } = await addClient(database.stored, { secret: 's' })
    const token = await knownToken()
    expect(await revoke({ token }, basic(clientId, 's'))).toMatchObject({
      status: 400,
      body: { error: 'invalid_request' },
    })
    expect((await whoami(here, token)).status).toBe(200)
  })

  test('refuses who does not authenticate', async () => {
    const token = await knownToken()
    for (const headers of [basic(ID, 'wrong'), basic('nobody', 's'), { authorization: 'Bearer x' }]) {
      expect(await revoke({ token }, headers)).toMatchObject({ status: 401, body: { error: 'invalid_client' } })
    }
    expect(await revoke({ token }, {} as never)).toMatchObject({ status: 401, body: { error: 'invalid_client' } })
    expect((await whoami(here, token)).status).toBe(200)
  })

  test('requires a token', async () => {
    expect(await revoke({})).toMatchObject({
      status: 400,
      body: { error: 'invalid_request', error_description: 'token is required' },
    })
  })

  test('takes a client_secret_post too', async () => {
    const token = await knownToken()
    expect((await revoke({ token, client_id: ID, client_secret: 's' }, {} as never)).status).toBe(200)
    expect(await failureAt(here, token)).toBe('revoked')
  })
})

describe('tokens of a disabled client or listener', () => {
  test.each(['clients', 'listeners'])(
    'stop working in every process, and work again once it is enabled: %s',
    async (table) => {
      const { clientId, organisationId } = await addClient(database.stored, { secret: 's' })
      const [token, bystander] = [await knownToken(clientId), await knownToken()]
      const set = async (enabled: boolean) => {
        await database.stored.change(table, { enabled }, { organisation_id: organisationId })
        await announceAccessChange(database.pool)
        for (const service of [here, there]) {
          await until(async () => (await whoami(service, token)).status === (enabled ? 200 : 401), 'the change')
        }
      }
      await set(false)
      expect([await failureAt(here, token), await failureAt(there, token)]).toEqual(['disabled', 'disabled'])
      expect((await whoami(here, bystander)).status).toBe(200)
      await set(true)
    },
  )
})

test('nothing that a client sends fails the server', () => {
  expect([...here.errors, ...there.errors]).toEqual([])
})
