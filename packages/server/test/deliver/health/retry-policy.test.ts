import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { type Failure, nextStep, pauseAfter, RETRY_POLICY } from '../../../src/deliver/health/retry-policy.js'
import type { Verdict } from '../../../src/deliver/send/acknowledgement.js'

const HOUR = 3_600_000
type Failed = Exclude<Verdict, { kind: 'acknowledged' }>
const failing: Failed = { kind: 'retry', error: 'timeout' }
const refused: Failed = { kind: 'refused', error: 'status_4xx' }
const step = (failure: Partial<Failure>, random = () => 0.5) =>
  nextStep(
    RETRY_POLICY,
    {
      verdict: failing,
      failures: 1,
      refusals: 0,
      isOptional: false,
      durationMs: 0,
      failingSince: 0,
      now: 0,
      ...failure,
    },
    random,
  )

test('the schedule is 250 ms, 1, 2, 5, 10, 30, 60 s, then every 5 minutes', () => {
  const pauses = [1, 2, 3, 4, 5, 6, 7, 8, 9, 100].map((failures) => pauseAfter(RETRY_POLICY, failures, () => 0.5))
  expect(pauses).toEqual([250, 1_000, 2_000, 5_000, 10_000, 30_000, 60_000, 300_000, 300_000, 300_000])
})

test('jitter stays within 20 %, and reaches both ends', () => {
  const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1_000 }), random, (failures, drawn) => {
      const middle = pauseAfter(RETRY_POLICY, failures, () => 0.5)
      const pause = pauseAfter(RETRY_POLICY, failures, () => drawn)
      expect(pause).toBeGreaterThanOrEqual(middle * 0.8)
      expect(pause).toBeLessThanOrEqual(middle * 1.2)
    }),
  )
  expect(pauseAfter(RETRY_POLICY, 2, () => 0)).toBe(800)
  expect(pauseAfter(RETRY_POLICY, 2, () => 0.999999)).toBeCloseTo(1_200, 1)
})

test('every failure either ends the delivery or is followed by a pause of at most 6 minutes', () => {
  const verdict = fc.oneof(
    fc.constant(failing),
    fc.constant(refused),
    fc.constant<Failed>({ kind: 'gone', error: 'gone' }),
    fc
      .integer({ min: 0, max: 10 * HOUR })
      .map((afterMs): Failed => ({ kind: 'retry', error: 'rate_limited', afterMs })),
  )
  const failure = fc.record({
    verdict,
    failures: fc.integer({ min: 1, max: 400 }),
    refusals: fc.integer({ min: 1, max: 6 }),
    isOptional: fc.boolean(),
    durationMs: fc.integer({ min: 0, max: 5_000 }),
    failingSince: fc.constant(0),
    now: fc.integer({ min: 0, max: 48 * HOUR }),
  })
  fc.assert(
    fc.property(failure, (given) => {
      const next = nextStep(RETRY_POLICY, given)
      const isRefused = given.verdict.kind === 'refused'
      if ('end' in next) {
        const isOver = given.refusals >= 5 || (given.isOptional && given.durationMs > 0)
        expect(isRefused ? isOver : given.now >= 24 * HOUR).toBe(true)
      } else {
        expect(next.retryInMs).toBeGreaterThanOrEqual(200)
        expect(next.retryInMs).toBeLessThanOrEqual(360_000)
        if (!isRefused) expect(given.now).toBeLessThan(24 * HOUR)
      }
    }),
  )
})

describe('an end', () => {
  test('comes after 24 hours of failing, not before', () => {
    expect(step({ now: 24 * HOUR - 1, failures: 290 })).toEqual({ retryInMs: 300_000 })
    expect(step({ now: 24 * HOUR, failures: 291 })).toEqual({ end: 'undeliverable' })
  })

  test('comes with the fifth refusal', () => {
    expect(step({ verdict: refused, failures: 4, refusals: 4 })).toEqual({ retryInMs: 14_000 })
    expect(step({ verdict: refused, failures: 5, refusals: 5 })).toEqual({ end: 'undeliverable' })
  })

  test('does not come sooner for what failed otherwise before it was refused', () => {
    expect(step({ verdict: refused, failures: 100, refusals: 1, now: 48 * HOUR })).toEqual({ retryInMs: 1_000 })
  })
})

describe('a payload that is refused', () => {
  /** How long it takes until it ends, where each attempt takes so long, and how often it is tried. */
  const run = (isOptional: boolean, durationMs: number, drawn: number) => {
    let took = 0
    for (let refusals = 1; ; refusals++) {
      took += durationMs
      const next = step({ verdict: refused, failures: refusals, refusals, isOptional, durationMs }, () => drawn)
      if ('end' in next) return { took, tries: refusals }
      took += next.retryInMs
    }
  }
  const drawn = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })

  test('is tried five times, with growing pauses, in half a minute at most', () => {
    const pauses = [1, 2, 3, 4].map((refusals) => step({ verdict: refused, refusals }))
    expect(pauses).toEqual([1_000, 3_000, 7_000, 14_000].map((retryInMs) => ({ retryInMs })))
    fc.assert(
      fc.property(drawn, (random) => {
        const { took, tries } = run(false, 0, random)
        expect(tries).toBe(5)
        expect(took).toBeGreaterThanOrEqual(20_000)
        expect(took).toBeLessThanOrEqual(30_000)
      }),
    )
  })

  test('is over within ten seconds where the receiver may do without it, however slowly it is refused', () => {
    expect(run(true, 0, 0.5)).toEqual({ took: 7_500, tries: 5 })
    fc.assert(
      fc.property(drawn, fc.integer({ min: 0, max: 5_000 }), (random, durationMs) => {
        expect(run(true, durationMs, random).took).toBeLessThanOrEqual(10_000)
      }),
    )
  })
})

describe('Retry-After', () => {
  const after = (afterMs: number) => step({ verdict: { kind: 'retry', error: 'rate_limited', afterMs }, failures: 9 })
  test('is obeyed to the letter', () => expect(after(7_000)).toEqual({ retryInMs: 7_000 }))
  test('is obeyed for 5 minutes at most', () => expect(after(HOUR)).toEqual({ retryInMs: 300_000 }))
  test('of nothing is no tight loop', () => expect(after(0)).toEqual({ retryInMs: 250 }))
})
