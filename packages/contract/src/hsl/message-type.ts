import type { HslElement } from '../generated/types.js'
import { isKnownElement } from './known-types.js'
import { isVideo } from './media.js'

/** The message types of the source's appendix. */
export const MESSAGE_TYPES = { regular: 0, image: 1 } as const
export type MessageType = (typeof MESSAGE_TYPES)[keyof typeof MESSAGE_TYPES]

/**
 * The message type of a valid element. An image is a carousel of one card with a picture and
 * nothing to tap; everything else, a video too, is regular.
 */
export function messageType(element: HslElement): MessageType {
  if (!isKnownElement(element) || element.type !== 'CAROUSEL' || element.data.items.length !== 1)
    return MESSAGE_TYPES.regular
  const [card] = element.data.items
  const picture = card?.actionables.length === 0 ? card.thumbnail.image : ''
  return picture && !isVideo(picture) ? MESSAGE_TYPES.image : MESSAGE_TYPES.regular
}

/** The message type of a message that has attachments: an image if all of them are. */
export const attachmentsType = (attachments: readonly { content_type: string }[]): MessageType =>
  attachments.every(({ content_type }) => content_type.startsWith('image/'))
    ? MESSAGE_TYPES.image
    : MESSAGE_TYPES.regular
