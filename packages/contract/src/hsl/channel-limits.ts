import type { DevicePlatform, HslActionable, HslElement, HslQuickReply, Warning } from '../generated/types.js'
import { isKnownElement } from './known-types.js'

/** Observed limits. A channel cuts off or drops the excess, so these are warnings, never errors. */
export const CHANNEL_LIMITS = {
  facebook: { buttonCharacters: 20, quickReplyCharacters: 25 },
  web: { quickReplies: 11, buttons: 3, fewestCarouselItems: 2, mostCarouselItems: 10 },
} as const

/**
 * What a channel will not show of a valid element; paths are JSON pointers below `path`.
 * Without a platform the limits of all channels apply; without known limits there is no warning.
 */
export function channelWarnings(
  element: HslElement,
  devicePlatform?: DevicePlatform,
  path = '/message_body',
): Warning[] {
  if (!isKnownElement(element)) return []
  const facebook = devicePlatform === undefined || devicePlatform === 'Facebook'
  const web = devicePlatform === undefined || devicePlatform === 'WebSDK'
  const warnings: Warning[] = []

  function labels(where: string, items: readonly (HslActionable | HslQuickReply)[], limit: number, what: string) {
    if (!facebook) return
    for (const [index, item] of items.entries()) {
      const length = [...item.actionable_text].length
      if (length > limit)
        warnings.push({
          path: `${where}/${index}/actionable_text`,
          message: `Facebook shows ${limit} characters of a ${what}, this one has ${length}`,
        })
    }
  }
  function count(where: string, length: number, limit: number, what: string) {
    if (web && length > limit)
      warnings.push({ path: where, message: `Web chats show at most ${limit} ${what}, here are ${length}` })
  }
  function actionables(where: string, items: readonly HslActionable[]) {
    count(where, items.length, CHANNEL_LIMITS.web.buttons, 'buttons')
    labels(where, items, CHANNEL_LIMITS.facebook.buttonCharacters, 'button')
  }

  if (element.type === 'TEXT') {
    const where = `${path}/data/quick_replies`
    const replies = element.data.quick_replies ?? []
    count(where, replies.length, CHANNEL_LIMITS.web.quickReplies, 'quick replies')
    labels(where, replies, CHANNEL_LIMITS.facebook.quickReplyCharacters, 'quick reply')
  } else if (element.type === 'BUTTON') {
    actionables(`${path}/data/items`, element.data.items)
  } else if (element.type === 'CAROUSEL') {
    const where = `${path}/data/items`
    const cards = element.data.items
    const { fewestCarouselItems: fewest, mostCarouselItems: most } = CHANNEL_LIMITS.web
    // One card with nothing to tap is an image or a video, and no carousel to the reader.
    const isPicture = cards.length === 1 && cards[0]?.actionables.length === 0
    if (web && !isPicture && (cards.length < fewest || cards.length > most))
      warnings.push({
        path: where,
        message: `Web chats show ${fewest} to ${most} carousel items, here ${cards.length === 1 ? 'is' : 'are'} ${cards.length}`,
      })
    for (const [index, card] of cards.entries()) actionables(`${where}/${index}/actionables`, card.actionables)
  }
  return warnings
}
