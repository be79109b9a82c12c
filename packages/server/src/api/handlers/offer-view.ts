import type { ThreadOffer } from '@tract/contract'
import type { Offer } from '../../threads/types.js'

/** An offer as the contract shows it. */
export function offerView({ number, from, to, receivers, expiresAt }: Offer): ThreadOffer {
  const next = receivers.slice(receivers.indexOf(to) + 1)
  const expires_at = new Date(expiresAt).toISOString()
  return { offer_number: number, from, to, ...(next.length > 0 && { next }), expires_at }
}
