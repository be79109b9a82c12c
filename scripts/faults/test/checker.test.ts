import { describe, expect, test } from '@jest/globals'
import { check } from '../check/check.js'
import { INVARIANTS } from '../check/violation.js'
import { Random } from '../random.js'
import { deskHistory } from './desk-history.js'
import { DESK_WRONGS } from './desk-wrongs.js'
import { rightHistory } from './right-history.js'
import { WRONGS } from './wrongs.js'

const SEEDS = Array.from({ length: 10 }, (_, index) => `seed ${index + 1}`)
const KINDS = [
  { of: 'deliveries', historyOf: rightHistory, wrongs: WRONGS },
  { of: 'a desk', historyOf: deskHistory, wrongs: DESK_WRONGS },
]
const CASES = KINDS.flatMap(({ historyOf, wrongs }) =>
  Object.entries(wrongs).flatMap(([breaks, damages]) =>
    Object.entries(damages).map(([name, damage]) => ({ name, breaks, damage, historyOf })),
  ),
)

describe('the checker', () => {
  test.each(KINDS)('finds nothing wrong with $of where nothing is', ({ historyOf }) => {
    for (const seed of SEEDS) expect(check(historyOf(seed)).violations).toEqual([])
  })

  test('counts what was repeated', () => {
    for (const seed of SEEDS) expect(check(rightHistory(seed)).repeated).toBeGreaterThan(0)
  })

  test.each(CASES)('finds that $name', ({ name, breaks, damage, historyOf }) => {
    const missedWith = SEEDS.filter((seed) => {
      const history = historyOf(seed)
      damage(history, new Random(`${seed}/${name}`))
      return !check(history).violations.some(({ invariant }) => invariant === breaks)
    })
    expect(missedWith).toEqual([])
  })

  test('knows a wrong history for every promise it can tell from a history', () => {
    const known = new Set(CASES.map(({ breaks }) => breaks))
    // A history does not hold whether a process ended by itself.
    expect(Object.keys(INVARIANTS).filter((invariant) => !known.has(invariant))).toEqual(['process'])
  })
})
