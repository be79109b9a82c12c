/** What the acknowledgement of `thread_control/offered` says to the offer. */
export interface OfferAnswer {
  answer: 'accepted' | 'declined'
  reason?: string
}

/** The hook whose answer may accept or decline. */
export const isOffered = ({ category, subcategory }: { category: string; subcategory: string }): boolean =>
  category === 'thread_control' && subcategory === 'offered'

/** @returns undefined where it says nothing, or what is not known: then the offer waits for an event */
export function readOfferAnswer({ offer, reason }: Record<string, unknown>): OfferAnswer | undefined {
  if (offer !== 'accepted' && offer !== 'declined') return undefined
  return { answer: offer, ...(typeof reason === 'string' && reason !== '' && { reason }) }
}
