import { randomUUID } from 'node:crypto'
import { describe, expect, test } from '@jest/globals'
import type { JWK } from 'jose'
import { addClient, postForm, startAuthentication } from './service.js'
import {
  ask,
  assertion,
  because,
  database,
  public_,
  refused,
  seconds,
  service,
  spent,
  stranger,
  TYPE,
  useSigner,
} from './signer.js'

useSigner()

describe('a jti', () => {
  test('is good for one token, also when it is sent to two processes at once', async () => {
    const second = await startAuthentication({ pool: database.open(), publicUrl: service.url })
    try {
      const token = await assertion()
      const answers = await Promise.all(
        Array.from({ length: 10 }, (_, index) => ask(token, {}, index % 2 ? second : service)),
      )
      expect(answers.filter((answer) => answer.status === 200)).toHaveLength(1)
      expect(await ask(token)).toMatchObject(spent)
    } finally {
      await second.close()
    }
  })

  test('is good once for all endpoints together', async () => {
    const token = await assertion()
    const revoke = { token: 'x', client_assertion_type: TYPE, client_assertion: token }
    expect((await postForm(`${service.url}/tract/auth/revoke/`, revoke)).status).toBe(200)
    expect(await ask(token)).toMatchObject(spent)
  })

  test("is each client's own", async () => {
    const { clientId } = await addClient(database.stored, { jwks: { keys: [public_.EdDSA as JWK] } })
    const jti = randomUUID()
    expect((await ask(await assertion({ claims: { jti } }))).status).toBe(200)
    expect((await ask(await assertion({ claims: { jti, iss: clientId, sub: clientId } }))).status).toBe(200)
  })

  test('is not used up by a forgery', async () => {
    const jti = randomUUID()
    expect(await ask(await assertion({ key: stranger, claims: { jti } }))).toMatchObject(refused)
    expect((await ask(await assertion({ claims: { jti } }))).status).toBe(200)
  })

  test('is remembered for as long as its assertion would be accepted, and no longer', async () => {
    let now = Date.now()
    const later = await startAuthentication({ pool: database.pool, publicUrl: service.url, now: () => now })
    try {
      const [jti, exp] = [randomUUID(), seconds() + 60]
      const token = await assertion({ claims: { jti, exp } })
      const remembered = () => database.stored.count('used_assertions', { jti })
      expect((await ask(token, {}, later)).status).toBe(200)
      now = (exp + 29) * 1000
      await later.authentication.maintain()
      expect(await remembered()).toBe(1)
      expect(await ask(token, {}, later)).toMatchObject(spent)
      now = (exp + 30) * 1000
      await later.authentication.maintain()
      expect(await remembered()).toBe(0)
      expect(await ask(token, {}, later)).toMatchObject(because(/it has expired/))
    } finally {
      await later.close()
    }
  })
})
