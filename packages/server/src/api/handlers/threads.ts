import { type ThreadDetails, type ThreadSummary, type Timeline, toPlainText } from '@tract/contract'
import { Refusal } from '../../accept/refusal.js'
import { listenersOf, withAvailability } from '../../accept/thread-listeners.js'
import { readThread, type StoredThread } from '../../accept/threads.js'
import type { OrganisationRecord } from '../../accounts/organisations.js'
import { readLanes } from '../../lanes/lanes.js'
import { userKey } from '../../lanes/user-key.js'
import { threadActions } from '../../threads/actions.js'
import { defaultListener, isPrimary } from '../../threads/roles.js'
import type { Listener, Thread } from '../../threads/types.js'
import {
  listThreads,
  type ThreadCursor,
  type ThreadFilter,
  type ThreadListRow,
  type ThreadOrder,
} from '../../views/thread-list.js'
import { queryOf } from '../../views/thread-search.js'
import { type TimelineCursor, timelineDeliveries, timelineItems } from '../../views/timeline.js'
import type { Call } from '../call.js'
import { uuidCursor } from '../documents/pages.js'
import { ContractViolation } from '../errors.js'
import type { Handlers } from '../routes.js'
import type { Services } from '../services.js'
import { offerView } from './offer-view.js'
import { timelineEntries } from './timeline-entries.js'

/** Characters of a found message. */
const SHOWN = 1_000

export function threadHandlers(services: Services) {
  const { pool, pools, organisations } = services
  /** The thread as it was read, and its organisation. */
  const find = async (organisationId: string, userId: string) => {
    const key = userKey(organisationId, userId)
    const read = await readThread(pools.of(key.bucket), key)
    const organisation = read && (await organisations.at(pool, organisationId, read.configVersion))
    if (!organisation) throw new Refusal('user_not_found', `The organisation has no user ${userId}.`)
    return { key, read, organisation }
  }
  return {
    listThreads: async ({ query }) => {
      const { order = 'user_id', limit = 50, after } = query
      const now = Date.now()
      const filter = await threadFilter(services, query)
      const cursor = after === undefined ? undefined : threadCursor(order, after)
      const { threads, next } = await listThreads(pools, filter, { order, limit, after: cursor })
      return { threads: threads.map((row) => toSummary(row, now)), ...(next && { next: threadNext(order, next) }) }
    },

    getThread: async ({ query }) => {
      const { key, read, organisation } = await find(query.organisation_id, query.user_id)
      const now = new Date()
      const lanes = await readLanes(pools.of(key.bucket), [{ ...key, listeners: organisation.listeners.keys() }])
      const byListener = new Map(lanes.map((lane) => [lane.listener, lane]))
      const listeners = listenersOf(organisation, byListener, now)
      return toDetails(read, organisation, await withAvailability(pool, organisation, listeners, undefined, now), now)
    },

    listTimeline: async ({ query }): Promise<Timeline> => {
      const { organisation_id: organisationId, user_id: userId, limit = 100, after } = query
      const { key, organisation } = await find(organisationId, userId)
      const cursor = after === undefined ? undefined : timelineCursor(after)
      const { items, next } = await timelineItems(pools.of(key.bucket), key, { limit, after: cursor })
      const times = items.map(({ at }) => at.getTime())
      const [from, to] = [new Date(Math.min(...times)), new Date(Math.max(...times))]
      const names = [...organisation.listeners.keys()]
      const deliveries = items.length === 0 ? [] : await timelineDeliveries(pools.of(key.bucket), key, names, from, to)
      return {
        entries: timelineEntries(items, deliveries),
        ...(next !== null && { next: `${next.messageId}/${next.eventId}` }),
      }
    },
  } satisfies Partial<Handlers<Call>>
}

/** What `threadFilter` reads of a query. */
interface ThreadQuery {
  organisation_id: string
  user_id_prefix?: string
  user_name_prefix?: string
  state?: ThreadFilter['state']
  controller?: string
  text?: string
}

/** @throws {Refusal} `search_off` */
export async function threadFilter({ pool, config }: Services, query: ThreadQuery): Promise<ThreadFilter> {
  const { organisation_id: organisationId, user_id_prefix, user_name_prefix, state, controller, text } = query
  const filter = { organisationId, userIdPrefix: user_id_prefix, userNamePrefix: user_name_prefix, state, controller }
  if (text === undefined) return filter
  if (!config.search)
    throw new Refusal('search_off', 'Threads are not searched by what was said here: TRACT_SEARCH is off.')
  const words = await queryOf(pool, organisationId, text)
  if (words === null) throw new ContractViolation([{ path: '?text', message: 'must have a word or a number' }])
  return { ...filter, query: words }
}

function threadCursor(order: ThreadOrder, after: string): ThreadCursor {
  if (order === 'user_id') return { userId: after, at: new Date(0) }
  const [, at, userId = ''] = /^(\d{1,15})\/(.+)$/s.exec(after) ?? []
  if (at === undefined)
    throw new ContractViolation([{ path: '?after', message: 'must be the `next` of the page before' }])
  return { userId, at: new Date(Number(at)) }
}

const threadNext = (order: ThreadOrder, { userId, at }: ThreadCursor): string =>
  order === 'user_id' ? userId : `${at.getTime()}/${userId}`

const timestamp = (ms: number): string => new Date(ms).toISOString()

export const toSummary = (row: ThreadListRow, now: number): ThreadSummary => ({
  user_id: row.user_id,
  ...(row.user_name !== null && { user_name: row.user_name }),
  state: row.state,
  owner: row.owner,
  conversation_number: String(row.conversation_number),
  last_activity_at: row.last_activity_at.toISOString(),
  pending_deliveries: row.pending_deliveries,
  // the clock of another machine may be ahead
  lag_ms: row.oldest_head_at === null ? 0 : Math.max(0, now - row.oldest_head_at.getTime()),
  ...(row.found_id !== null &&
    row.found_at !== null && {
      found: {
        message_id: row.found_id,
        timestamp: row.found_at.toISOString(),
        text: [...toPlainText(row.found_body)].slice(0, SHOWN).join(''),
      },
    }),
})

function timelineCursor(after: string): TimelineCursor {
  const [message = '', event = ''] = after.split('/')
  if (!/^\d{1,10}$/.test(message) || Number(message) > 2_147_483_647) {
    throw new ContractViolation([{ path: '?after', message: 'must be the `next` of the page before' }])
  }
  return { messageId: Number(message), eventId: uuidCursor(event) }
}

function toDetails(
  read: StoredThread,
  organisation: OrganisationRecord,
  listeners: readonly Listener[],
  now: Date,
): ThreadDetails {
  const { user } = read
  const thread = read.thread as Thread
  const byDefault = defaultListener({ listeners, policy: organisation })
  const { pendingRequest, offer, deadlineAt } = thread
  const { context } = thread.memory
  return {
    user_id: read.key.userId,
    ...(user.userName !== null && { user_name: user.userName }),
    ...(user.devicePlatform !== null && {
      device_platform: user.devicePlatform as NonNullable<ThreadDetails['device_platform']>,
    }),
    state: thread.conversationState,
    owner: thread.owner,
    epoch: thread.epoch,
    conversation_number: String(thread.conversationNumber),
    last_activity_at: timestamp(thread.lastActivityAt),
    ...(deadlineAt !== null && { deadline_at: timestamp(deadlineAt) }),
    ...(pendingRequest && {
      pending_request: {
        from: pendingRequest.from,
        expires_at: timestamp(pendingRequest.expiresAt),
        ...(pendingRequest.context && { context: pendingRequest.context }),
      },
    }),
    ...(offer && { offer: offerView(offer) }),
    ...(context && { context }),
    listeners: [...organisation.listeners.values()].flatMap(({ id, kind, name, enabled }) => {
      const listener = listeners.find((candidate) => candidate.id === id)
      if (!enabled || !listener) return []
      const is = { is_default: id === byDefault?.id, is_primary: isPrimary(listener), active: id === thread.owner }
      return [{ id, kind, name, ...is }]
    }),
    actions: threadActions(thread, listeners, organisation, now.getTime()),
  }
}
