import { describe, expect, test } from '@jest/globals'
import { check } from '../check/check.js'
import { INVARIANTS } from '../check/violation.js'
import { Random } from '../random.js'
import { rightHistory } from './right-history.js'
import { WRONGS } from './wrongs.js'

const SEEDS = Array.from({ length: 10 }, (_, index) => `seed ${index + 1}`)
const CASES = Object.entries(WRONGS).flatMap(([breaks, damages]) =>
  Object.entries(damages).map(([name, damage]) => ({ name, breaks, damage })),
)

describe('the checker', () => {
  test('finds nothing wrong where nothing is', () => {
    for (const seed of SEEDS) {
      const { violations, repeated } = check(rightHistory(seed))
      expect(violations).toEqual([])
      expect(repeated).toBeGreaterThan(0)
    }
  })

  test.each(CASES)('finds that $name', ({ name, breaks, damage }) => {
    const missedWith = SEEDS.filter((seed) => {
      const history = rightHistory(seed)
      damage(history, new Random(`${seed}/${name}`))
      return !check(history).violations.some(({ invariant }) => invariant === breaks)
    })
    expect(missedWith).toEqual([])
  })

  test('knows a wrong history for every promise it can tell from a history', () => {
    // A history does not hold whether a process ended by itself.
    expect(Object.keys(INVARIANTS).filter((invariant) => !(invariant in WRONGS))).toEqual(['process'])
  })
})
