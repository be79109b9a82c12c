import { describe, expect, test } from '@jest/globals'
import { check } from '../check/check.js'
import { INVARIANTS } from '../check/violation.js'
import { Random } from '../random.js'
import { rightHistory } from './right-history.js'
import { WRONGS } from './wrongs.js'

const SEEDS = Array.from({ length: 10 }, (_, index) => `seed ${index + 1}`)

describe('the checker', () => {
  test('finds nothing wrong where nothing is', () => {
    for (const seed of SEEDS) {
      const { violations, repeated } = check(rightHistory(seed))
      expect(violations).toEqual([])
      expect(repeated).toBeGreaterThan(0)
    }
  })

  test.each(WRONGS)('finds that $name', ({ name, breaks, damage }) => {
    const missedWith = SEEDS.filter((seed) => {
      const history = rightHistory(seed)
      damage(history, new Random(`${seed}/${name}`))
      return !check(history).violations.some(({ invariant }) => invariant === breaks)
    })
    expect(missedWith).toEqual([])
  })

  test('knows a wrong history for every promise it can tell from a history', () => {
    const broken = new Set(WRONGS.map(({ breaks }) => breaks))
    // whether a process ended by itself is no matter of the history
    expect(Object.keys(INVARIANTS).filter((invariant) => !broken.has(invariant as never))).toEqual(['process'])
  })
})
