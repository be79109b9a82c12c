import type { ThreadOffer } from '@tract/contract'
import { Countdown } from '../../../time/countdown.js'

/** An open offer: who asks whom, how long that one has to answer, and who is asked then. */
export function OfferPanel({ offer: { from, to, next = [], expires_at } }: { offer: ThreadOffer }) {
  return (
    <section className="card stack" aria-labelledby="offer">
      <h2 id="offer">Control is offered</h2>
      <p>
        {from} asks {to}, which has <Countdown until={expires_at} /> to answer. Until then {from} is in control.
      </p>
      {next.length > 0 && <p className="hint">Asked after it: {next.join(', ')}</p>}
    </section>
  )
}
