import type { Receipt } from '../history/history.js'
import { laneName, type Violation, wrong } from './violation.js'

/** A payload that is refused this often ends as undeliverable, and the lane goes on. */
export const REFUSALS = 5

interface Known {
  id: string
  bodyHash: string
  refusals: number
  /** From when the next one may go. */
  endedAt: number
}

/** Order, numbering and sameness of what one lane's receiver got, in the order in which it came. */
export function checkLane(lane: string, receipts: readonly Receipt[]): Violation[] {
  const violations: Violation[] = []
  const known = new Map<number, Known>()
  let highest = 0
  let highestMessage = 0
  for (const { sequence, id, bodyHash, previousId, messageId, outcome, at, endedAt } of receipts) {
    const complain = (invariant: Violation['invariant'], text: string) =>
      violations.push(wrong(invariant, `${lane} ${sequence} (${id}) at ${Math.round(at)}: ${text}`))
    let delivery = known.get(sequence)
    if (delivery === undefined) {
      delivery = { id, bodyHash, refusals: 0, endedAt: Number.POSITIVE_INFINITY }
      known.set(sequence, delivery)
      const before = known.get(sequence - 1)
      if (sequence !== highest + 1) complain('gap', `came after ${highest}`)
      else if (before !== undefined && before.endedAt > at) complain('order', 'the one before had not ended')
      if (before !== undefined && previousId !== before.id)
        complain('chain', `names ${previousId} as the one before, which was ${before.id}`)
      if (sequence === 1 && previousId !== null) complain('chain', 'the first one names another before it')
      if (messageId !== null && messageId <= highestMessage)
        complain('order', `message ${messageId} came after message ${highestMessage}`)
      highest = Math.max(highest, sequence)
      highestMessage = Math.max(highestMessage, messageId ?? 0)
    } else if (delivery.id !== id) complain('same', `the same place had ${delivery.id}`)
    else if (delivery.bodyHash !== bodyHash) complain('same', 'the body is not the one that came before')
    if (outcome === 'refused') delivery.refusals++
    if (outcome === 'acknowledged' || outcome === 'unsure' || delivery.refusals >= REFUSALS)
      delivery.endedAt = Math.min(delivery.endedAt, endedAt)
  }
  return violations
}

/** An id is one delivery's, in one lane. */
export function checkIds(receipts: readonly Receipt[]): Violation[] {
  const places = new Map<string, string>()
  return receipts.flatMap((receipt) => {
    const place = `${laneName(receipt)} ${receipt.sequence}`
    const first = places.get(receipt.id) ?? place
    places.set(receipt.id, first)
    return first === place ? [] : [wrong('same', `${receipt.id} is at ${first} and at ${place}`)]
  })
}
