import { expect, test } from '@jest/globals'
import type { Hook } from '../../src/delivery/hook-directory.js'
import { HookHealth } from '../../src/delivery/hook-health.js'

const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE
const hook = (failingSince: number | null = null): Hook => ({
  id: 'hook',
  url: 'https://desk.example/',
  status: 'active',
  secrets: [],
  failingSince: failingSince === null ? null : new Date(failingSince),
})

test('trouble is news after a minute, and the end after 5 days, each once', () => {
  const health = new HookHealth(5 * DAY)
  const news = [0, MINUTE - 1, MINUTE, 2 * MINUTE, 5 * DAY - 1, 5 * DAY, 6 * DAY].map((now) =>
    health.failed(hook(), now),
  )
  expect(news.map(({ news }) => news)).toEqual(['none', 'none', 'failing', 'none', 'none', 'unreachable', 'none'])
  expect(new Set(news.map(({ failingSince }) => failingSince.getTime()))).toEqual(new Set([0]))
})

test('a success ends it, and is news only if the trouble was', () => {
  const health = new HookHealth(5 * DAY)
  health.failed(hook(), 0)
  expect(health.succeeded(hook())).toBe(false)
  health.failed(hook(), 0)
  health.failed(hook(), MINUTE)
  expect(health.succeeded(hook())).toBe(true)
  expect(health.succeeded(hook())).toBe(false)
  expect(health.failed(hook(), 10 * DAY).news).toBe('none')
})

test('what was kept before a restart counts', () => {
  expect(new HookHealth(5 * DAY).failed(hook(0), 5 * DAY)).toEqual({ failingSince: new Date(0), news: 'unreachable' })
})

test('what was kept is outdated by a success, however long the directory goes on saying so', () => {
  const health = new HookHealth(5 * DAY)
  expect(health.succeeded(hook(0))).toBe(true)
  expect(health.succeeded(hook(0))).toBe(false)
  expect(health.failed(hook(0), 6 * DAY)).toEqual({ failingSince: new Date(6 * DAY), news: 'none' })
})
