import { describe, expect, test } from '@jest/globals'
import { until } from '@tract/testing/until'
import { decodeJwt } from 'jose'
import { SecretBox, UnsealError } from '../../src/database/secret-box.js'
import { clock, DAY, database, issue, isValid, kidOf, open, published, stored, useDatabase } from './rotating.js'
import { SECRET_KEY } from './service.js'

useDatabase()

describe('the first key', () => {
  test('is one, however many processes start at once', async () => {
    const all = await Promise.all(Array.from({ length: 8 }, () => open(database.open())))
    expect(await stored()).toHaveLength(1)
    expect(new Set(all.flatMap(published))).toEqual(new Set(await stored()))
    const tokens = await Promise.all(all.map(issue))
    for (const authentication of all) {
      for (const token of tokens) expect(await isValid(authentication, token)).toBe(true)
    }
  })

  test('is published as a public Ed25519 key and nothing more', async () => {
    expect((await open()).jwks()).toEqual({
      keys: [
        {
          kty: 'OKP',
          crv: 'Ed25519',
          x: expect.any(String),
          kid: expect.stringMatching(/^[\w-]{43}$/),
          use: 'sig',
          alg: 'EdDSA',
        },
      ],
    })
  })

  test('is stored sealed, and bound to its kid', async () => {
    const authentication = await open()
    const { kid, private_key, public_jwk } = await database.stored.row('signing_keys')
    const box = new SecretBox(SECRET_KEY)
    const { d, ...rest } = JSON.parse(box.openText(private_key, `signing_keys:${kid}`))
    expect(rest).toMatchObject({ x: authentication.jwks().keys[0]?.x })
    expect(JSON.stringify(public_jwk)).not.toContain(d)
    expect(() => box.open(private_key, 'signing_keys:other')).toThrow(UnsealError)
  })

  test('is not usable with another secret key', async () => {
    await open()
    await expect(open(database.pool, {}, Buffer.alloc(32, 8))).rejects.toThrow(UnsealError)
  })

  test('signs also where the clock is behind that of the process that made it', async () => {
    const ahead = await open(database.pool, {}, SECRET_KEY, 30_000)
    const behind = await open(database.open())
    expect(kidOf(await issue(behind))).toBe(kidOf(await issue(ahead)))
  })

  test('stays when a process starts again', async () => {
    const before = published(await open())
    expect(published(await open())).toEqual(before)
  })
})

describe('a scheduled rotation', () => {
  test('publishes the new key, then signs with it, then drops the old one when its last token has expired', async () => {
    const [one, two] = [await open(), await open(database.open())]
    const [first] = published(one)
    const before = await issue(one)

    clock.now += 30 * DAY - 600_000
    await one.maintain()
    await two.maintain()
    const second = published(one).find((kid) => kid !== first)
    expect(published(one)).toEqual([first, second])
    expect(published(two)).toEqual([first, second])
    expect(await isValid(one, before)).toBe(false)

    clock.now += 599_999
    const last = await issue(two)
    expect(kidOf(last)).toBe(first)
    clock.now += 1
    await two.maintain()
    expect([kidOf(await issue(one)), kidOf(await issue(two))]).toEqual([second, second])

    clock.now = (decodeJwt(last).exp as number) * 1000 - 1
    expect([await isValid(one, last), await isValid(two, last)]).toEqual([true, true])
    clock.now += 300_000
    await one.maintain()
    expect(published(one)).toEqual([second])
    expect(await stored()).toEqual([second])
  })

  test('happens once, however many processes find it due', async () => {
    const all = await Promise.all(Array.from({ length: 4 }, () => open(database.open())))
    clock.now += 30 * DAY
    await Promise.all(all.map((authentication) => authentication.maintain()))
    await Promise.all(all.map((authentication) => authentication.maintain()))
    expect(await stored()).toHaveLength(2)
  })

  test('goes on when it is due more often than keys are published for', async () => {
    const authentication = await open(database.pool, { signingKeyRotationDays: 0.005 })
    const kids = new Set<string | undefined>()
    for (let minute = 0; minute < 60; minute++) {
      clock.now += 60_000
      await authentication.maintain()
      kids.add(kidOf(await issue(authentication)))
    }
    expect(kids.size).toBeGreaterThan(3)
    expect(kids.size).toBeLessThan(10)
  })
})

describe('a forced rotation', () => {
  test('changes over once the new key has been published for a while', async () => {
    const authentication = await open()
    const [first] = published(authentication)
    const change = await authentication.rotateSigningKey()
    expect(await authentication.rotateSigningKey()).toMatchObject(change)
    const [, second] = published(authentication)
    expect(change).toMatchObject({ kid: second, activatesAt: new Date(clock.now + 600_000) })
    expect(await stored()).toEqual([first, second])
    expect(kidOf(await issue(authentication))).toBe(first)
    clock.now += 600_000
    expect(kidOf(await issue(authentication))).toBe(second)
  })

  test('is told to the other processes, and looked up by those that did not hear of it', async () => {
    const [one, two] = [await open(), await open(database.open())]
    await one.rotateSigningKey({ immediately: true })
    expect(await isValid(two, await issue(one))).toBe(true)
    expect(published(two)).toEqual(published(one))
  })

  test('that is immediate ends every key before it, and their tokens, in all processes', async () => {
    const [one, two] = [await open(), await open(database.open())]
    const old = await issue(one)
    expect([await isValid(one, old), await isValid(two, old)]).toEqual([true, true])
    await one.rotateSigningKey()
    const change = await one.rotateSigningKey({ immediately: true })
    expect(published(one)).toEqual([change.kid])

    const fresh = await issue(one)
    expect(kidOf(fresh)).toBe(change.kid)
    expect(one.verifyCached(old)).toBeUndefined()
    expect(await one.verify(old)).toEqual({ ok: false, failure: 'tampered' })
    expect(await isValid(two, fresh)).toBe(true)
    await until(() => two.verifyCached(old) === undefined, 'the notification')
    expect(await isValid(two, old)).toBe(false)
    expect(kidOf(await issue(two))).toBe(change.kid)
    await one.maintain()
    expect(await stored()).toEqual([change.kid])
  })

  test('that is immediate is followed at once by a process whose clock is behind', async () => {
    const [one, behind] = [await open(), await open(database.open(), {}, SECRET_KEY, -30_000)]
    clock.now += 3_600_000
    const { kid } = await one.rotateSigningKey({ immediately: true })
    await behind.maintain()
    const token = await issue(behind)
    expect(kidOf(token)).toBe(kid)
    expect(await isValid(one, token)).toBe(true)
  })
})

test('a lead that is shorter than the age of a view of the keys is refused', async () => {
  await expect(open(database.pool, { publishLeadSeconds: 119 })).rejects.toThrow(RangeError)
})

test('a token never outlives its key, even when the lifetime was raised after the key’s end was settled', async () => {
  const authentication = await open()
  const [first] = published(authentication)
  await authentication.rotateSigningKey()
  const generous = await open(database.open(), { tokenLifetimeSeconds: 7 * 86_400 })
  const token = await issue(generous)
  expect(kidOf(token)).toBe(first)
  clock.now = (decodeJwt(token).exp as number) * 1000 - 1
  await authentication.maintain()
  expect([await isValid(authentication, token), await isValid(generous, token)]).toEqual([true, true])
})
