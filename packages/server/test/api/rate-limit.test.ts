import { describe, expect, test } from '@jest/globals'
import { RateLimit } from '../../src/api/rate-limit.js'

const START = 1_000_000

/** A call at a moment: what its answer says, and whether it was refused. */
function callTo(limit: RateLimit, caller: string, now: number) {
  const common: string[] = []
  const headers = () => Object.fromEntries(common.flatMap((name, at) => (at % 2 ? [] : [[name, common[at + 1]]])))
  try {
    limit.count(caller, { common }, now)
    return { headers: headers(), refused: null }
  } catch (error) {
    return { headers: headers(), refused: (error as { code: string }).code }
  }
}

describe('a client', () => {
  test('is told what it has left, and when the minute ends', () => {
    const limit = new RateLimit(2)
    const { headers, refused } = callTo(limit, 'desk', START)
    expect(refused).toBeNull()
    expect(headers).toEqual({ 'ratelimit-limit': '2', 'ratelimit-remaining': '1', 'ratelimit-reset': '60' })
    expect(callTo(limit, 'desk', START + 20_001).headers).toMatchObject({
      'ratelimit-remaining': '0',
      'ratelimit-reset': '40',
    })
  })

  test('is refused what goes beyond, until the minute has passed', () => {
    const limit = new RateLimit(1)
    callTo(limit, 'desk', START)
    expect(callTo(limit, 'desk', START + 59_999)).toEqual({
      refused: 'rate_limited',
      headers: { 'ratelimit-limit': '1', 'ratelimit-remaining': '0', 'ratelimit-reset': '1', 'retry-after': '1' },
    })
    expect(callTo(limit, 'desk', START + 60_000).refused).toBeNull()
  })

  test('takes nothing from another', () => {
    const limit = new RateLimit(1)
    callTo(limit, 'desk', START)
    expect(callTo(limit, 'iva', START).refused).toBeNull()
  })

  test('has one limit at processes that tell each other', () => {
    const [one, other] = [new RateLimit(3), new RateLimit(3)]
    expect([one.tell(), other.tell()]).toEqual([[], []])
    callTo(one, 'desk', START)
    callTo(one, 'desk', START)
    const told = one.tell()
    expect(told).toEqual([['desk', 2]])
    other.hear(told, START + 100)
    // what was heard is not told again, nor what was told
    expect([one.tell(), other.tell()]).toEqual([[], []])
    expect(callTo(other, 'desk', START + 200).headers).toMatchObject({ 'ratelimit-remaining': '0' })
    expect(callTo(other, 'desk', START + 300).refused).toBe('rate_limited')
    expect(callTo(other, 'iva', START + 300).refused).toBeNull()
  })
})
