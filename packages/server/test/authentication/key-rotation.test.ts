import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { decodeJwt, decodeProtectedHeader } from 'jose'
import type pg from 'pg'
import { type Authentication, openAuthentication } from '../../src/authentication/authentication.js'
import { SecretBox, UnsealError } from '../../src/store/secret-box.js'
import { type Database, openDatabase } from './database.js'
import { addClient, basic, SECRET_KEY } from './service.js'

const DAY = 86_400_000
const ID = 'acme'
/** In seconds. Nobody does anything in the background within a test: it is told when to. */
const SETTINGS = {
  tokenLifetimeSeconds: 900,
  publishLeadSeconds: 600,
  keyReloadSeconds: 60,
  signingKeyRotationDays: 30,
  unknownKidPauseSeconds: 0,
}

let database: Database
let now: number
const opened: Authentication[] = []

beforeEach(async () => {
  database = await openDatabase()
  now = Date.UTC(2026, 10, 22)
  await addClient(database.pool, { clientId: ID, secret: 's' })
})
afterEach(async () => {
  await Promise.all(opened.splice(0).map((authentication) => authentication.close()))
  await database.close()
})

async function open(pool: pg.Pool = database.pool, settings: Partial<typeof SETTINGS> = {}, secretKey = SECRET_KEY, skew = 0) {
  const authentication = await openAuthentication({
    pool,
    secretBox: new SecretBox(secretKey),
    publicUrl: 'https://tract.example',
    scopes: [],
    onError: () => {},
    settings: { ...SETTINGS, ...settings },
    now: () => now + skew,
  })
  opened.push(authentication)
  return authentication
}

async function issue(authentication: Authentication): Promise<string> {
  const { status, body } = await authentication.issueToken({
    authorizationHeader: basic(ID, 's').authorization,
    form: { grant_type: 'client_credentials' },
  })
  expect(status).toBe(200)
  return body['access_token'] as string
}

const kidOf = (token: string) => decodeProtectedHeader(token).kid
const published = (authentication: Authentication) => authentication.jwks().keys.map((key) => key.kid)
const stored = async () => (await database.pool.query('select kid from signing_keys order by activates_at')).rows.map((row) => row.kid)
const isValid = async (authentication: Authentication, token: string) => (await authentication.verify(token)).ok

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
      keys: [{ kty: 'OKP', crv: 'Ed25519', x: expect.any(String), kid: expect.stringMatching(/^[\w-]{43}$/), use: 'sig', alg: 'EdDSA' }],
    })
  })

  test('is stored sealed, and bound to its kid', async () => {
    const authentication = await open()
    const { rows } = await database.pool.query('select kid, private_key, public_jwk from signing_keys')
    const box = new SecretBox(SECRET_KEY)
    const { d, ...rest } = JSON.parse(box.openText(rows[0].private_key, `signing_keys:${rows[0].kid}`))
    expect(rest).toMatchObject({ x: authentication.jwks().keys[0]?.x })
    expect(JSON.stringify(rows[0].public_jwk)).not.toContain(d)
    expect(() => box.open(rows[0].private_key, 'signing_keys:other')).toThrow(UnsealError)
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

    now += 30 * DAY - 600_000
    await one.maintain()
    await two.maintain()
    const second = published(one).find((kid) => kid !== first)
    expect(published(one)).toEqual([first, second])
    expect(published(two)).toEqual([first, second])
    expect(await isValid(one, before)).toBe(false)

    now += 599_999
    const last = await issue(two)
    expect(kidOf(last)).toBe(first)
    now += 1
    await two.maintain()
    expect([kidOf(await issue(one)), kidOf(await issue(two))]).toEqual([second, second])

    now = (decodeJwt(last).exp as number) * 1000 - 1
    expect([await isValid(one, last), await isValid(two, last)]).toEqual([true, true])
    now += 300_000
    await one.maintain()
    expect(published(one)).toEqual([second])
    expect(await stored()).toEqual([second])
  })

  test('happens once, however many processes find it due', async () => {
    const all = await Promise.all(Array.from({ length: 4 }, () => open(database.open())))
    now += 30 * DAY
    await Promise.all(all.map((authentication) => authentication.maintain()))
    await Promise.all(all.map((authentication) => authentication.maintain()))
    expect(await stored()).toHaveLength(2)
  })

  test('goes on when it is due more often than keys are published for', async () => {
    const authentication = await open(database.pool, { signingKeyRotationDays: 0.005 })
    const kids = new Set<string | undefined>()
    for (let minute = 0; minute < 60; minute++) {
      now += 60_000
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
    await authentication.rotateSigningKey()
    await authentication.rotateSigningKey()
    const [, second] = published(authentication)
    expect(await stored()).toEqual([first, second])
    expect(kidOf(await issue(authentication))).toBe(first)
    now += 600_000
    expect(kidOf(await issue(authentication))).toBe(second)
  })

  test('changes over at once, and to the published key if there is one', async () => {
    const [one, two] = [await open(), await open(database.open())]
    const old = await issue(one)
    await one.rotateSigningKey({ immediately: true })
    const fresh = await issue(one)
    expect(kidOf(fresh)).not.toBe(kidOf(old))
    for (const authentication of [one, two]) {
      expect([await isValid(authentication, old), await isValid(authentication, fresh)]).toEqual([true, true])
    }

    now += 1000
    await one.rotateSigningKey()
    const pending = published(one).at(-1)
    expect(kidOf(await issue(one))).toBe(kidOf(fresh))
    await one.rotateSigningKey({ immediately: true })
    expect(kidOf(await issue(one))).toBe(pending)
  })

  test('is told to the other processes, and looked up by those that did not hear of it', async () => {
    const [one, two] = [await open(), await open(database.open())]
    await one.rotateSigningKey({ immediately: true })
    expect(await isValid(two, await issue(one))).toBe(true)
    expect(published(two)).toEqual(published(one))
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
  now = (decodeJwt(token).exp as number) * 1000 - 1
  await authentication.maintain()
  expect([await isValid(authentication, token), await isValid(generous, token)]).toEqual([true, true])
})

type Step =
  | { do: 'wait'; seconds: number }
  | { do: 'issue' | 'maintain'; at: number }
  | { do: 'rotate'; at: number; immediately: boolean }

const PROCESSES = 3
const process_ = fc.nat(PROCESSES - 1)
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ do: fc.constant('wait' as const), seconds: fc.oneof(fc.nat(120), fc.nat(1200), fc.nat(40 * 86_400)) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('issue' as const), at: process_ }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('maintain' as const), at: process_ }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('rotate' as const), at: process_, immediately: fc.boolean() }) },
)

/**
 * Whatever happens in whatever order, with clocks up to 20 s apart: every token is valid in every process until it expires, its key is in the database
 * until then, and somebody who fetched the key set at most half a lead ago can verify what a scheduled change signs.
 */
test('every token verifies everywhere until it expires, through any rotations', async () => {
  const skews = [0, 20_000, -20_000]
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
      await database.pool.query('delete from signing_keys')
      const processes = await Promise.all(skews.map((skew) => open(database.pool, {}, SECRET_KEY, skew)))
      const tokens: { token: string; expiresAt: number }[] = []
      try {
        for (const step of steps) {
          if (step.do === 'wait') {
            now += step.seconds * 1000
          } else {
            const authentication = processes[step.at] as Authentication
            if (step.do === 'maintain') await authentication.maintain()
            else if (step.do === 'rotate') await authentication.rotateSigningKey({ immediately: step.immediately })
            else {
              const token = await issue(authentication)
              tokens.push({ token, expiresAt: (decodeJwt(token).exp as number) * 1000 })
            }
          }
          const alive = tokens.filter(({ expiresAt }) => expiresAt > now + 20_000)
          const kids = new Set(await stored())
          for (const { token } of alive) {
            expect(kids).toContain(kidOf(token))
            for (const authentication of processes) expect(await authentication.verify(token)).toMatchObject({ ok: true })
          }
        }
      } finally {
        await Promise.all(processes.map((authentication) => authentication.close()))
        opened.length = 0
      }
    }),
    { numRuns: 40 },
  )
})
