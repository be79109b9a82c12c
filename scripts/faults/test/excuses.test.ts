import { describe, expect, test } from '@jest/globals'
import { Excuses } from '../check/excuses.js'
import type { Loss, Receipt } from '../history/history.js'

/** Acknowledged to process 0 after ten seconds. */
const RECEIPT = { process: 0, at: 10_000, endedAt: 10_020 } as Receipt
const loss = (kind: Loss['kind'], process: number | null, from: number, to = from): Loss => ({
  kind,
  process,
  from,
  to,
})

describe('an acknowledgement', () => {
  test.each<{ what: string; losses: Loss[]; isLost: boolean }>([
    { what: 'that nothing happened to is kept', losses: [], isLost: false },
    { what: 'can be lost with its process', losses: [loss('death', 0, 11_000)], isLost: true },
    { what: 'is written by then', losses: [loss('death', 0, 13_000)], isLost: false },
    { what: 'is not lost with another process', losses: [loss('death', 1, 11_000)], isLost: false },
    {
      what: 'waits for another process that stands still, and can be lost while it waits',
      losses: [loss('process', 1, 9_000, 20_000), loss('death', 0, 14_000)],
      isLost: true,
    },
    {
      what: 'waits for the transaction of another process that has lost its connections',
      losses: [loss('database', 1, 9_000, 9_500), loss('death', 0, 14_000)],
      isLost: true,
    },
    {
      what: 'does so until the database ends that transaction',
      losses: [loss('database', 1, 9_000, 9_500), loss('death', 0, 18_000)],
      isLost: false,
    },
    {
      what: 'does not wait for what was over long before',
      losses: [loss('database', 1, 4_000, 4_500), loss('death', 0, 14_000)],
      isLost: false,
    },
  ])('$what', ({ losses, isLost }) => {
    expect(new Excuses(losses).lost(RECEIPT)).toBe(isLost)
  })
})
