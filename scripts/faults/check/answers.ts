import type { Receipt, UnwrittenResult } from '../history/history.js'
import { laneName, type Violation, wrong } from './violation.js'

/** What the buffers of both sides hold of an answer that is read no further, with room to spare. */
const MOST_POURED = 32 * 1024 * 1024

/** Every answer is read to its bound and no further, and the result of its attempt is written. */
export function checkAnswers(receipts: readonly Receipt[], unwritten: readonly UnwrittenResult[]): Violation[] {
  const endless = receipts.filter(({ poured = 0 }) => poured > MOST_POURED)
  return [
    ...endless.map((receipt) =>
      wrong(
        'bounded',
        `${laneName(receipt)} ${receipt.sequence}: ${receipt.poured} bytes of a head without end were taken`,
      ),
    ),
    ...unwritten.map(({ listener, deliveryId, error, count }) =>
      wrong('written', `${listener} (${deliveryId}): the results of ${count} attempts were not written (${error})`),
    ),
  ]
}
