import type { Receipt } from '../history/history.js'
import type { Violation } from './violation.js'

/** A payload that is refused so often ends as undeliverable, and the lane goes on. */
export const REFUSALS = 5

interface Known {
  id: string
  bodyHash: string
  refusals: number
  /** Since when the next one may go. */
  endedAt: number
}

/** Order, numbering and sameness of what one lane's receiver got, in the order in which it came. */
export function checkLane(lane: string, receipts: readonly Receipt[]): Violation[] {
  const violations: Violation[] = []
  const known = new Map<number, Known>()
  let highest = 0
  let highestMessage = 0
  for (const receipt of receipts) {
    const { sequence, id, at } = receipt
    const where = `${lane} ${sequence} (${id}) at ${Math.round(at)}`
    const complain = (invariant: Violation['invariant'], text: string) =>
      violations.push({ invariant, text: `${where}: ${text}` })
    let delivery = known.get(sequence)
    if (delivery === undefined) {
      delivery = { id, bodyHash: receipt.bodyHash, refusals: 0, endedAt: Number.POSITIVE_INFINITY }
      known.set(sequence, delivery)
      const before = known.get(sequence - 1)
      if (sequence !== highest + 1) complain('gap', `came after ${highest}`)
      else if (before !== undefined && before.endedAt > at) complain('order', 'the one before had not ended')
      if (before !== undefined && receipt.previousId !== before.id)
        complain('chain', `names ${receipt.previousId} as the one before, which was ${before.id}`)
      if (sequence === 1 && receipt.previousId !== null) complain('chain', 'the first one names another before it')
      if (receipt.messageId !== null && receipt.messageId <= highestMessage)
        complain('order', `message ${receipt.messageId} came after message ${highestMessage}`)
      highest = Math.max(highest, sequence)
      highestMessage = Math.max(highestMessage, receipt.messageId ?? 0)
    } else if (delivery.id !== id) complain('same', `the same place had ${delivery.id}`)
    else if (delivery.bodyHash !== receipt.bodyHash) complain('same', 'the body is not the one that came before')
    settle(delivery, receipt)
  }
  return violations
}

function settle(delivery: Known, { outcome, endedAt }: Receipt): void {
  if (outcome === 'refused') delivery.refusals++
  if (outcome === 'acknowledged' || outcome === 'unsure' || delivery.refusals >= REFUSALS)
    delivery.endedAt = Math.min(delivery.endedAt, endedAt)
}

/** An id is one delivery's, in one lane. */
export function checkIds(receipts: readonly Receipt[]): Violation[] {
  const places = new Map<string, Receipt>()
  const violations: Violation[] = []
  for (const receipt of receipts) {
    const first = places.get(receipt.id)
    if (first === undefined) places.set(receipt.id, receipt)
    else if (
      first.listener !== receipt.listener ||
      first.user !== receipt.user ||
      first.sequence !== receipt.sequence
    ) {
      const place = ({ listener, user, sequence }: Receipt) => `${listener}/${user} ${sequence}`
      violations.push({ invariant: 'same', text: `${receipt.id} is at ${place(first)} and at ${place(receipt)}` })
    }
  }
  return violations
}
