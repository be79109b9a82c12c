import type { Receipt } from '../history/history.js'
import type { Excuses } from './excuses.js'
import { laneName, type Violation, wrong } from './violation.js'

/** A sender still waits for a younger attempt: one takes five seconds at most. */
const WAITED_FOR_MS = 3_500

/** Whether one delivery came too often. @param receipts all of it, in their order */
export function checkRepetitions(receipts: readonly Receipt[], excuses: Excuses): Violation[] {
  return receipts.flatMap((receipt, index) => {
    for (const earlier of receipts.slice(0, index)) {
      const invariant = brokenBy(earlier, receipt)
      if (invariant === null || isExcused(earlier, receipts, excuses)) continue
      const [came, before] = [receipt, earlier].map(({ at, process }) => `${Math.round(at)} from process ${process}`)
      const ended = `was ${earlier.outcome} at ${Math.round(earlier.endedAt)}`
      const name = `${laneName(receipt)} ${receipt.sequence} (${receipt.id})`
      return [wrong(invariant, `${name}: at ${came}, though it came at ${before} and ${ended}`)]
    }
    return []
  })
}

function brokenBy(earlier: Receipt, later: Receipt): 'repetition' | 'at_once' | null {
  if (later.at < earlier.endedAt) return later.at - earlier.at + earlier.age < WAITED_FOR_MS ? 'at_once' : null
  return earlier.outcome === 'acknowledged' ? 'repetition' : null
}

const isExcused = (earlier: Receipt, receipts: readonly Receipt[], excuses: Excuses): boolean =>
  excuses.lost(earlier) || receipts.some((other) => other.process !== earlier.process && excuses.intruded(other))
