import { expect, test } from '@jest/globals'
import { BREAKER_POLICY, Breakers } from '../../../src/deliver/health/breaker.js'

const openAt = (now: number): Breakers => {
  const breakers = new Breakers(BREAKER_POLICY)
  for (let failure = 0; failure < 10; failure++) breakers.failed('desk', 'go', now)
  return breakers
}

test('ten failures in a row open it, and not one fewer', () => {
  const breakers = new Breakers(BREAKER_POLICY)
  for (let failure = 1; failure <= 9; failure++) expect(breakers.failed('desk', 'go', 0)).toBeUndefined()
  expect(breakers.admit('desk', 0)).toBe('go')
  expect(breakers.failed('desk', 'go', 0)?.isOpen).toBe(true)
  expect(breakers.admit('desk', 0)).toBe('wait')
})

test('a success in between starts the count again', () => {
  const breakers = new Breakers(BREAKER_POLICY)
  for (let failure = 0; failure < 30; failure++) {
    if (failure % 9 === 0) breakers.succeeded('desk')
    breakers.failed('desk', 'go', 0)
  }
  expect(breakers.admit('desk', 0)).toBe('go')
})

test('one probe at a time goes after 1, 2, 4 … 60 s', () => {
  const breakers = openAt(0)
  const pauses: number[] = []
  let now = 0
  for (let probe = 0; probe < 9; probe++) {
    const at = breakers.find('desk')?.probeAt ?? 0
    pauses.push((at - now) / 1000)
    expect(breakers.admit('desk', at - 1)).toBe('wait')
    expect(breakers.admit('desk', at)).toBe('probe')
    expect(breakers.admit('desk', at)).toBe('wait')
    now = at
    breakers.failed('desk', 'probe', now)
  }
  expect(pauses).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60])
})

test('what was under way when it opened does not lengthen the pause', () => {
  const breakers = openAt(0)
  for (let straggler = 0; straggler < 22; straggler++) breakers.failed('desk', 'go', 500)
  expect(breakers.find('desk')?.probeAt).toBe(1_000)
})

test('the first success lets all go', () => {
  const breakers = openAt(0)
  expect(breakers.succeeded('desk')).toBe(true)
  expect(breakers.admit('desk', 0)).toBe('go')
  expect(breakers.admit('desk', 0)).toBe('go')
})

test('a probe that never reports back is followed by another', () => {
  const breakers = openAt(0)
  expect(breakers.admit('desk', 1_000)).toBe('probe')
  expect(breakers.admit('desk', 10_999)).toBe('wait')
  expect(breakers.admit('desk', 11_000)).toBe('probe')
})

test('one endpoint says nothing of another', () => {
  expect(openAt(0).admit('other', 0)).toBe('go')
})
