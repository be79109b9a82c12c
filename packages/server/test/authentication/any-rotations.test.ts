import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { decodeJwt } from 'jose'
import { mintAccessToken } from '../../src/authentication/access-token.js'
import { AccessWatch } from '../../src/authentication/access-watch.js'
import { type ClientCredentials, findClientCredentials } from '../../src/authentication/client-credentials.js'
import { KeyRing } from '../../src/authentication/key-ring.js'
import { TokenVerifier } from '../../src/authentication/token-verifier.js'
import { transaction } from '../../src/database/database.js'
import { SecretBox } from '../../src/database/secret-box.js'
import { clock, DAY, database, ID, kidOf, stored, useDatabase } from './rotating.js'
import { SECRET_KEY } from './service.js'

useDatabase()

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
  const clockOf = () => clock.now + skew
  const lifetime = 900_000
  const schedule = {
    tokenLifetime: lifetime,
    skew: 60_000,
    publishLead: 600_000,
    oldestView: 120_000,
    rotateEvery: 30 * DAY,
  }
  const keys = await KeyRing.open({ pool: database.pool, box: new SecretBox(SECRET_KEY), schedule, now: clockOf }, 0)
  const names = { issuer: 'https://tract.example', audience: 'https://tract.example' }
  const watch = new AccessWatch(database.pool, clockOf)
  const verifier = new TokenVerifier({ keys, watch, ...names, cacheSize: 100, now: clockOf })
  const client = (await findClientCredentials(database.pool, ID)) as ClientCredentials
  const terms = { ...names, lifetime, skew: schedule.skew }
  return {
    keys,
    verifier,
    issue: async () => (await mintAccessToken(terms, client, client.scopes, await keys.signer(), clockOf())).token,
  }
}

/**
 * With any events in any order, a token is valid in every process, and its key is in the database, until it
 * expires. Only an immediate change ends what was issued before it.
 */
test('every token verifies everywhere until it expires, through any rotations', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
      await database.stored.remove('signing_keys')
      const processes = await Promise.all(SKEWS.map(startDeaf))
      let tokens: { token: string; expiresAt: number }[] = []
      const areValid = async (expected: boolean) => {
        for (const { token } of tokens) {
          for (const { verifier } of processes) expect((await verifier.verify(token)).ok).toBe(expected)
        }
      }
      for (const step of steps) {
        if (step.do === 'wait') {
          clock.now += step.seconds * 1000
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
          clock.now += 40_000
          await Promise.all(processes.map(({ keys }) => keys.maintain()))
          await areValid(false)
          tokens = []
        }
        // By the clock that is ahead.
        tokens = tokens.filter(({ expiresAt }) => expiresAt > clock.now + 20_000)
        const kids = await stored()
        for (const { token } of tokens) expect(kids).toContain(kidOf(token))
        await areValid(true)
      }
    }),
    { numRuns: 40 },
  )
})
