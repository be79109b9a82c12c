import type { Receipt } from '../history/history.js'
import type { Excuses } from './excuses.js'
import type { Violation } from './violation.js'

/** An attempt takes five seconds at most; one that a receiver has had for less is still waited for. */
const WAITED_FOR_MS = 3_500

/** Whether one delivery came more often than it had to. `receipts`: all of it, in the order in which they came. */
export function checkRepetitions(receipts: readonly Receipt[], excuses: Excuses): Violation[] {
  const violations: Violation[] = []
  for (const [index, receipt] of receipts.entries()) {
    for (const earlier of receipts.slice(0, index)) {
      const invariant = wrong(earlier, receipt)
      if (invariant === null || isExcused(earlier, receipts, excuses)) continue
      const { listener, user, sequence, id } = receipt
      violations.push({
        invariant,
        text:
          `${listener}/${user} ${sequence} (${id}): at ${Math.round(receipt.at)} from process ${receipt.process}, though it came at ` +
          `${Math.round(earlier.at)} from process ${earlier.process} and was ${earlier.outcome} at ${Math.round(earlier.endedAt)}`,
      })
      break
    }
  }
  return violations
}

function wrong(earlier: Receipt, later: Receipt): 'repetition' | 'at_once' | null {
  if (later.at < earlier.endedAt) return later.at - earlier.at < WAITED_FOR_MS ? 'at_once' : null
  return earlier.outcome === 'acknowledged' ? 'repetition' : null
}

function isExcused(earlier: Receipt, receipts: readonly Receipt[], excuses: Excuses): boolean {
  if (excuses.lost(earlier)) return true
  return receipts.some((other) => other.process !== earlier.process && excuses.intruded(other))
}
