import type { Agent, Attachment } from '@tract/contract'
import type { Sender } from '../accept/messages.js'
import type { Queryable } from '../database/queryable.js'
import { LAST_ID } from '../database/time-ordered-id.js'
import type { DeliveryState } from '../lanes/delivery-places.js'
import type { UserKey } from '../lanes/user-key.js'

interface MessageRow {
  message_id: number
  conversation_number: number
  sender: Sender
  listener: string
  message_body: Record<string, unknown>
  agent: Agent | null
  attachments: Attachment[] | null
  timestamp: Date
  edited_at: Date | null
  original_body: Record<string, unknown> | null
  deleted_at: Date | null
}

interface EventRow {
  id: string
  conversation_number: number
  type: string
  subtype: string
  listener: string | null
  metadata: string | null
  timestamp: Date
}

/** A delivery, and what tells which entry it is of. */
export interface TimelineDeliveryRow {
  id: string
  listener: string
  sequence: number
  category: string
  subcategory: string
  state: DeliveryState
  attempts: number
  created_at: Date
  /** Of `message/receive`. */
  message_id: number | null
}

export type TimelineItem =
  | { kind: 'message'; at: Date; message: MessageRow }
  | { kind: 'event'; at: Date; event: EventRow }

/** Where an older page begins: after this message and this event. */
export interface TimelineCursor {
  messageId: number
  eventId: string
}

const NEWEST: TimelineCursor = { messageId: 2_147_483_647, eventId: LAST_ID }

/** Messages and events of a user, the newest first, each found by its key. */
export async function timelineItems(
  db: Queryable,
  { bucket, organisationId, userId }: UserKey,
  { limit, after = NEWEST }: { limit: number; after?: TimelineCursor | undefined },
): Promise<{ items: TimelineItem[]; next: TimelineCursor | null }> {
  const key = [bucket, organisationId, userId]
  const [messages, events] = await Promise.all([
    db.query<MessageRow>({
      text: `select message_id, conversation_number, sender, listener, message_body, agent, attachments, timestamp, edited_at, original_body, deleted_at
        from messages where bucket = $1 and organisation_id = $2 and user_id = $3 and message_id < $4 order by message_id desc limit $5`,
      values: [...key, after.messageId, limit + 1],
    }),
    db.query<EventRow>({
      text: `select id, conversation_number, type, subtype, listener, metadata, created_at as timestamp from events
        where bucket = $1 and organisation_id = $2 and user_id = $3 and id < $4 order by id desc limit $5`,
      values: [...key, after.eventId, limit + 1],
    }),
  ])
  const merged = merge(messages.rows, events.rows)
  const items = merged.slice(0, limit)
  if (merged.length <= limit) return { items, next: null }
  const next = { ...after }
  for (const item of items) {
    if (item.kind === 'message') next.messageId = item.message.message_id
    else next.eventId = item.event.id
  }
  return { items, next }
}

/** Each in its own order, so that clocks cannot make a page leave one out; in one moment, events came before messages. */
function merge(messages: readonly MessageRow[], events: readonly EventRow[]): TimelineItem[] {
  const items: TimelineItem[] = []
  let [m, e] = [0, 0]
  while (m < messages.length || e < events.length) {
    const [message, event] = [messages[m], events[e]]
    if (message && (!event || message.timestamp >= event.timestamp)) {
      items.push({ kind: 'message', at: message.timestamp, message })
      m++
    } else if (event) {
      items.push({ kind: 'event', at: event.timestamp, event })
      e++
    }
  }
  return items
}

/** Deliveries of one page: bounds its cost. */
const MOST_DELIVERIES = 20_000

/** Deliveries of a lane follow the order of commits, and times that order but for the clocks of several processes. */
const CLOCK_SLACK_MS = 2_000

// Where in its lane a moment is: halving finds it in as many look-ups by the key as the lane's length has bits. A pruned place
// counts as the next after it. Order and limit make the planner use the key even while it believes the table to be small.
const placeOf = (moment: string) => `(
    with recursive halving(low, high) as (
      select 0, w.tail
      union all
      select case when c.later then h.low else h.middle end, case when c.later then h.middle - 1 else h.high end
      from (select low, high, (low + high + 1) / 2 as middle from halving) h
        cross join lateral (select coalesce((select created_at > ${moment} from deliveries where bucket = w.bucket
          and organisation_id = w.organisation_id and listener = w.listener and user_id = w.user_id and sequence >= h.middle order by sequence limit 1), false) as later) c
      where h.low < h.high
    )
    select low from halving where low = high
  )`

const DELIVERIES = `
  with lanes_of as materialized (
    select l.* from unnest($4::text[]) as s(listener) cross join lateral (
      select bucket, organisation_id, listener, user_id, head, tail from lanes
      where bucket = $1 and organisation_id = $2 and listener = s.listener and user_id = $3 offset 0
    ) l
  ), windows as materialized (
    select w.*, ${placeOf('$5::timestamptz')} as first_before, ${placeOf('$6::timestamptz')} as last from lanes_of w
  )
  select d.id, w.listener, d.sequence, d.category, d.subcategory, d.created_at,
    case when d.sequence > w.head then 'pending' else coalesce(e.state::text, 'delivered') end as state,
    case when d.tried_at is not null then 1
      else (select count(*)::int from attempts where bucket = $1 and organisation_id = $2 and delivery_id = d.id) end as attempts,
    case when d.message_id is not null then d.message_id
      when d.category = 'message' and d.subcategory = 'receive' then (replace(d.body, chr(1), '')::jsonb ->> 'message_id')::int end as message_id
  from windows w
    cross join lateral (
      select id, sequence, category, subcategory, created_at, message_id, body, tried_at from deliveries
      where bucket = w.bucket and organisation_id = w.organisation_id and listener = w.listener and user_id = w.user_id
        and sequence > w.first_before and sequence <= w.last and replay_of is null
      order by sequence limit ${MOST_DELIVERIES}
    ) d
    left join lateral (
      select state from delivery_ends where bucket = $1 and organisation_id = $2 and delivery_id = d.id offset 0
    ) e on true
  order by w.listener, d.sequence limit ${MOST_DELIVERIES}`

/** What was to be delivered to some listeners of a user between two moments, both included; replays are left out. */
export async function timelineDeliveries(
  db: Queryable,
  { bucket, organisationId, userId }: UserKey,
  listeners: readonly string[],
  from: Date,
  to: Date,
): Promise<TimelineDeliveryRow[]> {
  const [before, after] = [new Date(from.getTime() - CLOCK_SLACK_MS), new Date(to.getTime() + CLOCK_SLACK_MS)]
  const { rows } = await db.query<TimelineDeliveryRow>({
    text: DELIVERIES,
    values: [bucket, organisationId, userId, listeners, before, after],
  })
  return rows
}
