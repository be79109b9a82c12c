/**
 * The rows of lanes and deliveries, as an outbox makes them.
 *
 * A lane counts its deliveries from 1 without gaps. `tail` is the sequence of the last one that was enqueued, `endedTo`
 * (the column `head`) of the last one that ended; between them is what waits. Each delivery names the one before it
 * (`previous_id`), the lane the last one (`last_delivery_id`). Who appends to a lane holds the lock of its thread, or of
 * the lane, so sequences are counted here in memory. A dispatcher moves only `endedTo`, and is not in the way.
 */
import { bodyFor, type StoredBody, storedBody } from './bodies.js'
import { LANE_KEY, type LaneKey } from './lane-key.js'
import { type EnqueueItem, type Lane, NEVER } from './lanes.js'
import type { ClaimedDelivery } from './next-deliveries.js'
import type { ClaimedLane, LaneOffer } from './offer.js'
import type { UserKey } from './user-key.js'

/** `place` says in every row which thread of the statement it belongs to. */
export const LANE_ROW = {
  place: 'int',
  ...LANE_KEY,
  isNew: 'boolean',
  /** The lane's number among those that are offered; null: it is not. */
  offered: 'int',
  ectUserId: 'text',
  tail: 'int',
  lastDeliveryId: 'uuid',
  heardMessageId: 'int',
  ceuSequence: 'int',
  introducedIn: 'int',
} as const

export const DELIVERY_ROW = {
  place: 'int',
  ...LANE_KEY,
  sequence: 'int',
  id: 'uuid',
  previousId: 'uuid',
  category: 'text',
  subcategory: 'text',
  messageId: 'int',
  ending: 'text',
  ownBody: 'text',
  ownTraceparent: 'text',
} as const

interface AppendedDelivery extends LaneKey, ClaimedDelivery, StoredBody {
  place: number
}

/** A lane with what an outbox appends to it. */
export interface AppendedLane extends LaneKey, Lane {
  place: number
  isNew: boolean
  offered: number | null
  deliveries: AppendedDelivery[]
}

/** Each lane that the outbox goes to, with its deliveries numbered. */
export function appendTo(
  lanes: ReadonlyMap<string, Lane>,
  outbox: readonly EnqueueItem[],
  { place, key, now }: { place: number; key: UserKey; now: Date },
): AppendedLane[] {
  const appended = new Map<string, AppendedLane>()
  for (const item of outbox) {
    const { listener } = item
    let lane = appended.get(listener)
    if (lane === undefined) {
      lane = begin(lanes.get(listener), { place, listener, key })
      appended.set(listener, lane)
    }
    lane.tail++
    lane.deliveries.push({
      place,
      listener,
      sequence: lane.tail,
      id: item.id,
      previousId: lane.lastDeliveryId,
      category: item.category,
      subcategory: item.subcategory,
      replayOf: null,
      createdAt: now,
      body: bodyFor(item.body, lane.ectUserId),
      traceparent: item.traceparent ?? null,
      ...storedBody(item),
      ...key,
    })
    lane.lastDeliveryId = item.id
    lane.heardMessageId = Math.max(lane.heardMessageId, item.messageId ?? 0)
    if (item.isOfCeu) lane.ceuSequence = lane.tail
    lane.introducedIn = item.introducesIn ?? lane.introducedIn
  }
  return [...appended.values()]
}

const begin = (
  before: Lane | undefined,
  { place, listener, key }: { place: number; listener: string; key: UserKey },
): AppendedLane => ({
  place,
  isNew: before === undefined,
  offered: null,
  listener,
  endedTo: before?.endedTo ?? 0,
  tail: before?.tail ?? 0,
  ectUserId: before?.ectUserId ?? null,
  heardMessageId: before?.heardMessageId ?? 0,
  ceuSequence: before?.ceuSequence ?? 0,
  introducedIn: before?.introducedIn ?? NEVER,
  formerEctUserIds: before?.formerEctUserIds ?? null,
  failingSince: before?.failingSince ?? null,
  lastDeliveryId: before?.lastDeliveryId ?? null,
  deliveries: [],
  // last: V8 adds fields behind a spread in a slow way
  ...key,
})

/** A user's lanes once these are written. */
export function lanesAfter(before: ReadonlyMap<string, Lane>, appended: readonly AppendedLane[]): Map<string, Lane> {
  const after = new Map(before)
  for (const lane of appended) {
    const { listener, endedTo, tail, ectUserId, formerEctUserIds, heardMessageId, ceuSequence, introducedIn } = lane
    const { failingSince, lastDeliveryId } = lane
    after.set(listener, {
      listener,
      endedTo,
      tail,
      ectUserId,
      formerEctUserIds,
      heardMessageId,
      ceuSequence,
      introducedIn,
      failingSince,
      lastDeliveryId,
    })
  }
  return after
}

/** A lane that was idle, under the lease of an offer. */
export const leasedLane = (lane: AppendedLane, { lease, leaseUntil }: LaneOffer): ClaimedLane => ({
  bucket: lane.bucket,
  organisationId: lane.organisationId,
  listener: lane.listener,
  userId: lane.userId,
  lease,
  leaseUntil,
  endedTo: lane.tail - lane.deliveries.length,
  tail: lane.tail,
  failures: 0,
  attemptsMade: 0,
  refusals: 0,
  failingSince: null,
  unacknowledged: 0,
  deliveries: lane.deliveries.map(toClaimed),
})

const toClaimed = (delivery: AppendedDelivery): ClaimedDelivery => ({
  id: delivery.id,
  sequence: delivery.sequence,
  previousId: delivery.previousId,
  category: delivery.category,
  subcategory: delivery.subcategory,
  replayOf: delivery.replayOf,
  createdAt: delivery.createdAt,
  body: delivery.body,
  traceparent: delivery.traceparent,
})
