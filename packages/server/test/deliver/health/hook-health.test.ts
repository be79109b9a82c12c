import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { HookHealth } from '../../../src/deliver/health/hook-health.js'
import { TryingClock } from '../../../src/deliver/health/trying-clock.js'
import type { Hook } from '../../../src/deliver/hook-directory.js'

const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE
const PAUSE = 6 * MINUTE
const hook = (failingSince: number | null = null, failingMs = 0): Hook => ({
  id: 'hook',
  url: 'https://desk.example/',
  status: 'active',
  secrets: [],
  failingSince: failingSince === null ? null : new Date(failingSince),
  failingMs,
})

/** Attempts at times by one clock, which never stands still. */
function healthAt(unreachableAfterMs = 5 * DAY) {
  let now = 0
  const health = new HookHealth({ unreachableAfterMs, longestPauseMs: PAUSE, tried: () => now })
  return {
    health,
    failed: (at: number, known = hook()) => {
      now = at
      return health.failed(known, at)
    },
  }
}

test('trouble is news after a minute and once a minute, and the end after 5 days, once', () => {
  const { failed } = healthAt(10 * MINUTE)
  const news = [
    0,
    MINUTE - 1,
    MINUTE,
    1.5 * MINUTE,
    2 * MINUTE,
    5 * MINUTE,
    10 * MINUTE - 1,
    10 * MINUTE,
    10 * MINUTE + 1,
  ]
  const told = news.map((now) => failed(now))
  expect(told.map(({ news }) => news)).toEqual([
    'none',
    'none',
    'failing',
    'none',
    'failing',
    'failing',
    'failing',
    'unreachable',
    'none',
  ])
  expect(new Set(told.map(({ failingSince }) => failingSince.getTime()))).toEqual(new Set([0]))
  expect(told.map(({ failingMs }) => failingMs)).toEqual(news)
})

test('while nothing was sent, nothing was tried', () => {
  const { failed } = healthAt()
  failed(0)
  expect(failed(4 * DAY)).toMatchObject({ failingMs: PAUSE, news: 'failing' })
  expect(failed(6 * DAY)).toMatchObject({ failingMs: 2 * PAUSE, news: 'failing' })
})

test('a success ends it, and is news only if the trouble was', () => {
  const { health, failed } = healthAt()
  failed(0)
  expect(health.succeeded(hook())).toBe(false)
  failed(0)
  failed(MINUTE)
  expect(health.succeeded(hook())).toBe(true)
  expect(health.succeeded(hook())).toBe(false)
  expect(failed(10 * DAY).news).toBe('none')
})

test('what was kept before a restart counts, and not the time until the next attempt', () => {
  expect(healthAt().failed(9 * DAY, hook(0, 5 * DAY))).toMatchObject({ failingSince: new Date(0), news: 'unreachable' })
  expect(healthAt().failed(9 * DAY, hook(0, 4 * DAY))).toMatchObject({ failingMs: 4 * DAY, news: 'none' })
})

test('what was kept is outdated by a success, however long the directory goes on saying so', () => {
  const { health, failed } = healthAt()
  expect(health.succeeded(hook(0))).toBe(true)
  expect(health.succeeded(hook(0))).toBe(false)
  expect(failed(6 * DAY, hook(0, 4 * DAY))).toEqual({ failingSince: new Date(6 * DAY), failingMs: 0, news: 'none' })
})

test('a hook that was moved, enabled, or answered another process begins afresh', () => {
  const { failed } = healthAt(10 * MINUTE)
  for (let at = 0; at <= 5 * MINUTE; at += MINUTE) failed(at)
  failed(5 * MINUTE + 1, hook(0, 5 * MINUTE))
  expect(failed(6 * MINUTE)).toEqual({ failingSince: new Date(6 * MINUTE), failingMs: 0, news: 'none' })
})

test('however the process stands still, loses its database or fails, no hook fails for longer than it was tried', () => {
  const event = fc.record({
    kind: fc.constantFrom('tries', 'stands still', 'restarts'),
    forMs: fc.integer({ min: 0, max: DAY }),
  })
  fc.assert(
    fc.property(fc.array(event, { maxLength: 20 }), (events) => {
      const lease = 10_000
      const beat = 2_500
      let at = 0
      let tried = 0
      let lapses = 0
      const start = () => {
        const clock = new TryingClock(lease)
        clock.beat(at)
        const options = { unreachableAfterMs: 100 * DAY, longestPauseMs: PAUSE, tried: () => clock.read(at) }
        return { clock, health: new HookHealth(options) }
      }
      let process = start()
      let kept = hook()
      let failingMs = 0
      const fail = () => {
        const told = process.health.failed(kept, at)
        failingMs = told.failingMs
        if (told.news === 'failing') kept = hook(told.failingSince.getTime(), told.failingMs)
      }
      for (const { kind, forMs } of events) {
        if (kind === 'tries') {
          const steps = Math.min(Math.ceil(forMs / beat), 200)
          for (let step = 0; step < steps; step++) {
            at += beat
            tried += beat
            process.clock.beat(at)
            if (step % 20 === 0) fail()
          }
        } else {
          at += forMs
          lapses++
          if (kind === 'restarts') process = start()
        }
        fail()
      }
      expect(failingMs).toBeLessThanOrEqual(tried + lapses * lease)
    }),
  )
})
