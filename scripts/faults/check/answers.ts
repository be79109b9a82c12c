import type { Receipt, UnwrittenResult } from '../history/history.js'
import { laneName, type Violation } from './violation.js'

/** What the buffers of both sides hold of an answer that is read no further: many times its bound, and no endless amount. */
const MOST_POURED = 32 * 1024 * 1024

/** Whatever receivers answer: it is read to its bound, and what came of it is written. */
export function checkAnswers(receipts: readonly Receipt[], unwritten: readonly UnwrittenResult[]): Violation[] {
  return [
    ...receipts.flatMap((receipt): Violation[] => {
      const { poured = 0, sequence } = receipt
      if (poured <= MOST_POURED) return []
      const text = `${laneName(receipt)} ${sequence}: ${poured} bytes of a head without end were taken`
      return [{ invariant: 'bounded', text }]
    }),
    ...unwritten.map(({ listener, deliveryId, error, count }): Violation => {
      const text = `${listener} (${deliveryId}): what came of ${count} attempts was not written (${error})`
      return { invariant: 'written', text }
    }),
  ]
}
