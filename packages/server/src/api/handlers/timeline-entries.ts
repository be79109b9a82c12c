import type { HslElement, TimelineDelivery, TimelineEntry } from '@tract/contract'
import { SERVICE } from '../../accept/thread-session.js'
import type { TimelineDeliveryRow, TimelineItem } from '../../views/timeline.js'

/**
 * Messages and events with their deliveries. A delivery has the time of the transaction that enqueued it; its hook and the
 * message's number say the rest. An introduction or history goes with the hand-over, or the first item of that moment.
 */
export function timelineEntries(
  items: readonly TimelineItem[],
  deliveries: readonly TimelineDeliveryRow[],
): TimelineEntry[] {
  const byTime = new Map<number, Place[]>()
  const placed = items.map((item) => {
    const place: Place = { item, deliveries: [] }
    const sameMoment = byTime.get(item.at.getTime()) ?? []
    byTime.set(item.at.getTime(), [...sameMoment, place])
    return place
  })
  for (const delivery of deliveries) {
    const sameMoment = byTime.get(delivery.created_at.getTime()) ?? []
    const own = sameMoment.filter(({ item }) => isOf(delivery, item))
    // Of two alike in one moment, each delivery of a listener is of another one, the older first.
    const free = own.findLast((place) => !place.deliveries.some(({ listener }) => listener === delivery.listener))
    const place = free ?? own.at(-1) ?? sameMoment.find(isHandOver) ?? sameMoment.at(-1)
    place?.deliveries.push(toDelivery(delivery))
  }
  return placed.map(({ item, deliveries: ofItem }) => ({ ...toEntry(item), deliveries: ofItem }))
}

interface Place {
  item: TimelineItem
  deliveries: TimelineDelivery[]
}

const isHandOver = ({ item }: Place): boolean =>
  item.kind === 'event' && item.event.type === 'thread_control' && item.event.subtype === 'assigned'

function isOf({ category, subcategory, message_id }: TimelineDeliveryRow, item: TimelineItem): boolean {
  if (item.kind === 'message') return message_id === item.message.message_id
  return category === item.event.type && subcategory === item.event.subtype
}

function toEntry(item: TimelineItem): Omit<TimelineEntry, 'deliveries'> {
  const timestamp = item.at.toISOString()
  if (item.kind === 'message') {
    const { message_id, sender, listener, conversation_number, message_body, agent } = item.message
    const { edited_at, original_body, deleted_at, attachments } = item.message
    return {
      id: `m${message_id}`,
      kind: 'message',
      timestamp,
      conversation_number: String(conversation_number),
      ...(listener !== SERVICE && { listener }),
      message: {
        ...{ message_id, sender, message_body: message_body as HslElement },
        ...(agent !== null && { agent }),
        ...(attachments !== null && { attachments }),
        ...(edited_at && { edited_at: edited_at.toISOString() }),
        ...(original_body && { original_body: original_body as HslElement }),
        ...(deleted_at && { deleted_at: deleted_at.toISOString() }),
      },
    }
  }
  const { id, type, subtype, listener, conversation_number, metadata } = item.event
  return {
    id,
    kind: type === 'thread_control' ? 'control' : 'event',
    timestamp,
    conversation_number: String(conversation_number),
    ...(listener !== null && { listener }),
    event: { type, subtype, ...(metadata !== null && { metadata }) },
  }
}

const toDelivery = ({ message_id: _, created_at, ...delivery }: TimelineDeliveryRow): TimelineDelivery => ({
  ...delivery,
  created_at: created_at.toISOString(),
})
