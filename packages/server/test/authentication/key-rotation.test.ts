import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { until } from '@tract/testing/until'
import fc from 'fast-check'
import { decodeJwt, decodeProtectedHeader } from 'jose'
import type pg from 'pg'
import { mintAccessToken } from '../../src/authentication/access-token.js'
import { AccessWatch } from '../../src/authentication/access-watch.js'
import { type Authentication, openAuthentication } from '../../src/authentication/authentication.js'
import { type ClientCredentials, findClientCredentials } from '../../src/authentication/client-credentials.js'
import { KeyRing } from '../../src/authentication/key-ring.js'
import { TokenVerifier } from '../../src/authentication/token-verifier.js'
import { transaction } from '../../src/database/database.js'
import { SecretBox, UnsealError } from '../../src/database/secret-box.js'
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

async function open(
  pool: pg.Pool = database.pool,
  settings: Partial<typeof SETTINGS> = {},
  secretKey = SECRET_KEY,
  skew = 0,
) {
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
  return body.access_token as string
}

const kidOf = (token: string) => decodeProtectedHeader(token).kid
const published = (authentication: Authentication) => authentication.jwks().keys.map((key) => key.kid)
const stored = async () =>
  (await database.pool.query('select kid from signing_keys order by activates_at')).rows.map((row) => row.kid)
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
    const change = await authentication.rotateSigningKey()
    expect(await authentication.rotateSigningKey()).toMatchObject(change)
    const [, second] = published(authentication)
    expect(change).toMatchObject({ kid: second, activatesAt: new Date(now + 600_000) })
    expect(await stored()).toEqual([first, second])
    expect(kidOf(await issue(authentication))).toBe(first)
    now += 600_000
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
    now += 3_600_000
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
  now = (decodeJwt(token).exp as number) * 1000 - 1
  await authentication.maintain()
  expect([await isValid(authentication, token), await isValid(generous, token)]).toEqual([true, true])
})

type Step =
  | { do: 'wait'; seconds: number }
  | { do: 'issue'; at: number }
  | { do: 'maintain'; at: number }
  | { do: 'rotate'; at: number; immediately: boolean }

/** Clocks up to 40 s apart. */
const SKEWS = [0, 20_000, -20_000]
const at = fc.nat(SKEWS.length - 1)
const seconds = fc.oneof(fc.nat(120), fc.nat(1200), fc.integer({ min: 500, max: 1000 }), fc.nat(40 * 86_400))
const immediately = fc.integer({ min: 0, max: 4 }).map((chance) => chance === 0)
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('wait' as const), seconds }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('issue' as const), at }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('maintain' as const), at }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('rotate' as const), at, immediately }) },
)

/** A process that hears no notification: it knows what it reads when it has to. */
async function startDeaf(skew: number) {
  const clock = () => now + skew
  const lifetime = 900_000
  const schedule = {
    tokenLifetime: lifetime,
    skew: 60_000,
    publishLead: 600_000,
    oldestView: 120_000,
    rotateEvery: 30 * DAY,
  }
  const keys = await KeyRing.open({ pool: database.pool, box: new SecretBox(SECRET_KEY), schedule, now: clock }, 0)
  const names = { issuer: 'https://tract.example', audience: 'https://tract.example' }
  const watch = new AccessWatch(database.pool, clock)
  const verifier = new TokenVerifier({ keys, watch, ...names, cacheSize: 100, now: clock })
  const client = (await findClientCredentials(database.pool, ID)) as ClientCredentials
  const terms = { ...names, lifetime, skew: schedule.skew }
  return {
    keys,
    verifier,
    issue: async () => (await mintAccessToken(terms, client, client.scopes, await keys.signer(), clock())).token,
  }
}

/**
 * Whatever happens in whatever order: a token is valid in every process, and its key is in the database, until it
 * expires. Only an immediate change ends what was issued before it.
 */
test('every token verifies everywhere until it expires, through any rotations', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
      await database.pool.query('delete from signing_keys')
      const processes = await Promise.all(SKEWS.map(startDeaf))
      let tokens: { token: string; expiresAt: number }[] = []
      const areValid = async (expected: boolean) => {
        for (const { token } of tokens) {
          for (const { verifier } of processes) expect((await verifier.verify(token)).ok).toBe(expected)
        }
      }
      for (const step of steps) {
        if (step.do === 'wait') {
          now += step.seconds * 1000
        } else {
          const { keys, issue } = processes[step.at] as (typeof processes)[number]
          if (step.do === 'maintain') await keys.maintain()
          else if (step.do === 'rotate')
            await transaction(database.pool, (db) => keys.rotate(step.immediately, db)).then(() => keys.reload())
          else {
            const token = await issue()
            const { iat = 0, exp = 0 } = decodeJwt(token)
            expect(exp - iat).toBe(900)
            tokens.push({ token, expiresAt: exp * 1000 })
          }
        }
        if (step.do === 'rotate' && step.immediately) {
          // Until it is so by every clock, and every process has read it.
          now += 40_000
          await Promise.all(processes.map(({ keys }) => keys.maintain()))
          await areValid(false)
          tokens = []
        }
        // By the clock that is ahead.
        tokens = tokens.filter(({ expiresAt }) => expiresAt > now + 20_000)
        const kids = await stored()
        for (const { token } of tokens) expect(kids).toContain(kidOf(token))
        await areValid(true)
      }
    }),
    { numRuns: 40 },
  )
})
