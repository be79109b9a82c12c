import { expect, jest, test } from '@jest/globals'
import { repeatedly } from '../../src/desk/index.js'

test('is done again until it is aborted, also after failures, which are told', async () => {
  const stopping = new AbortController()
  const failures: unknown[] = []
  let times = 0
  await repeatedly(
    () => {
      times++
      if (times % 2 === 0) throw new Error(`failure ${times}`)
      if (times === 5) stopping.abort()
    },
    { everyMs: 0, signal: stopping.signal, onFailure: (error, pauseMs) => failures.push([error, pauseMs > 0]) },
  )
  expect(times).toBe(5)
  expect(failures).toEqual([2, 4].map((time) => [new Error(`failure ${time}`), true]))
})

test('waits no longer after a failure than is said', async () => {
  const stopping = new AbortController()
  const pauses: number[] = []
  const work = () => {
    throw new Error('The desk is away.')
  }
  const onFailure = (_error: unknown, pauseMs: number) => pauses.push(pauseMs) === 12 && stopping.abort()
  await repeatedly(work, { everyMs: 0, signal: stopping.signal, longestPauseMs: 2, onFailure })
  expect(Math.max(...pauses)).toBeLessThanOrEqual(2)
})

test('ends where it waits, and where the work is broken off', async () => {
  const waiting = new AbortController()
  const ended = repeatedly(() => setImmediate(() => waiting.abort()), { everyMs: 3_600_000, signal: waiting.signal })
  await ended
  const working = new AbortController()
  const failures: unknown[] = []
  const work = async () => {
    working.abort()
    working.signal.throwIfAborted()
  }
  await repeatedly(work, { everyMs: 0, signal: working.signal, onFailure: (error) => failures.push(error) })
  expect(failures).toEqual([])
})

test('goes on though what is told of a failure fails itself, at once or later', async () => {
  const said = jest.spyOn(console, 'error').mockImplementation(() => {})
  const stopping = new AbortController()
  const told: string[] = []
  const work = () => {
    throw new Error('The desk is away.')
  }
  const onFailure = (): void | Promise<void> => {
    told.push('of it')
    if (told.length === 3) stopping.abort()
    const failure = new Error('The log is away.')
    if (told.length === 1) throw failure
    return Promise.reject(failure)
  }
  await repeatedly(work, { everyMs: 0, signal: stopping.signal, longestPauseMs: 2, onFailure })
  const failures = said.mock.calls.map(([failure]) => (failure as Error).message)
  said.mockRestore()
  expect([told.length, failures]).toEqual([3, Array(3).fill('The log is away.')])
})
