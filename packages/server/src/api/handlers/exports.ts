import { type Delivery, type Message, type ThreadSummary, toPlainText, wireSubtype } from '@tract/contract'
import { Refusal } from '../../accept/refusal.js'
import { readThread } from '../../accept/threads.js'
import { wireForm } from '../../database/wire-form.js'
import { listDeliveries } from '../../lanes/deliveries.js'
import type { DeliveryFilter } from '../../lanes/delivery-places.js'
import { type UserKey, userKey } from '../../lanes/user-key.js'
import { listThreads, type ThreadCursor, type ThreadFilter, type ThreadOrder } from '../../views/thread-list.js'
import { transcript } from '../../views/transcript.js'
import type { Call } from '../call.js'
import type { Column } from '../exports/csv.js'
import { EXPORT_PAGE } from '../exports/exports.js'
import { moment } from '../input/moment.js'
import type { Handlers } from '../routes.js'
import type { Services } from '../services.js'
import { toMessage } from './conversations.js'
import { threadFilter, toSummary } from './threads.js'

const LAST_NUMBER = 2_147_483_647

const THREAD_COLUMNS: readonly Column<ThreadSummary>[] = [
  ['user_id', ({ user_id }) => user_id],
  ['user_name', ({ user_name }) => user_name],
  ['state', ({ state }) => state],
  ['owner', ({ owner }) => owner ?? undefined],
  ['conversation_number', ({ conversation_number }) => conversation_number],
  ['last_activity_at', ({ last_activity_at }) => last_activity_at],
  ['pending_deliveries', ({ pending_deliveries }) => pending_deliveries],
  ['lag_ms', ({ lag_ms }) => lag_ms],
  ['found_message_id', ({ found }) => found?.message_id],
  ['found_text', ({ found }) => found?.text],
]

const MESSAGE_COLUMNS: readonly Column<Message>[] = [
  ['message_id', ({ message_id }) => message_id],
  ['conversation_number', ({ conversation_number }) => conversation_number],
  ['timestamp', ({ timestamp }) => timestamp],
  ['sender', ({ sender }) => sender],
  ['listener', ({ listener }) => listener],
  ['agent_id', ({ agent }) => agent?.id],
  ['agent_name', ({ agent }) => agent?.name],
  ['text', ({ message_body, deleted_at }) => (deleted_at === undefined ? toPlainText(message_body) : '')],
  ['edited_at', ({ edited_at }) => edited_at],
  ['deleted_at', ({ deleted_at }) => deleted_at],
]

const DELIVERY_COLUMNS: readonly Column<Delivery>[] = [
  ['id', ({ id }) => id],
  ['listener', ({ listener }) => listener],
  ['user_id', ({ user_id }) => user_id],
  ['sequence', ({ sequence }) => sequence],
  ['category', ({ category }) => category],
  ['subcategory', ({ subcategory }) => subcategory],
  ['state', ({ state }) => state],
  ['attempts', ({ attempts }) => attempts],
  ['created_at', ({ created_at }) => created_at],
  ['ended_at', ({ ended_at }) => ended_at],
  ['replay_of', ({ replay_of }) => replay_of],
]

/** The three files that an operator takes out. */
export function exportHandlers(services: Services) {
  const { pools, exports } = services
  return {
    exportThreads: async ({ query }, call) => {
      const { order = 'user_id', format } = query
      const filter = await threadFilter(services, query)
      const pages = threadPages(services, filter, order)
      return exports.send(call, { name: 'threads', format, columns: THREAD_COLUMNS, pages })
    },

    exportMessages: async ({ query }, call) => {
      const { organisation_id: organisationId, user_id: userId, conversation_number: number, format } = query
      const key = userKey(organisationId, userId)
      if (!(await readThread(pools.of(key.bucket), key)))
        throw new Refusal('user_not_found', `The organisation has no user ${userId}.`)
      const period = { from: moment(query.from), to: moment(query.to) }
      const pages = messagePages(services, key, number === undefined ? null : Number(number), period)
      return exports.send(call, { name: 'messages', format, columns: MESSAGE_COLUMNS, pages })
    },

    exportDeliveries: async ({ query }, call) => {
      const filter: DeliveryFilter = {
        organisationId: query.organisation_id,
        listener: query.listener_id ?? null,
        category: query.category,
        subcategory: query.subcategory && wireSubtype(query.category, query.subcategory),
        userId: query.user_id,
        state: query.state,
        createdFrom: moment(query.created_from),
        createdTo: moment(query.created_to),
        error: query.error,
        status: query.http_status,
        attemptsFrom: query.attempts_from,
      }
      const pages = deliveryPages(services, filter)
      return exports.send(call, { name: 'deliveries', format: query.format, columns: DELIVERY_COLUMNS, pages })
    },
  } satisfies Partial<Handlers<Call>>
}

async function* threadPages({ pools }: Services, filter: ThreadFilter, order: ThreadOrder) {
  let after: ThreadCursor | null | undefined
  do {
    const page = await listThreads(pools, filter, { order, limit: EXPORT_PAGE, after: after ?? undefined })
    yield page.threads.map((row) => toSummary(row, Date.now()))
    after = page.next
  } while (after !== null)
}

async function* messagePages(
  { pools }: Services,
  key: UserKey,
  conversationNumber: number | null,
  { from, to }: { from: Date | undefined; to: Date | undefined },
) {
  if (conversationNumber !== null && conversationNumber > LAST_NUMBER) return
  let after = 0
  for (;;) {
    const page = { conversationNumber, after, before: LAST_NUMBER, limit: EXPORT_PAGE, fromEnd: false }
    const rows = await transcript(pools.of(key.bucket), key, null, page)
    const last = rows.at(-1)
    const meant = rows.filter(({ timestamp }) => (!from || timestamp >= from) && (!to || timestamp < to))
    yield meant.map((row) => toMessage(key, row))
    if (!last || rows.length < EXPORT_PAGE || (to && last.timestamp >= to)) return
    after = last.messageId
  }
}

async function* deliveryPages({ pools }: Services, filter: DeliveryFilter) {
  let after: string | null | undefined
  do {
    const page = await listDeliveries(pools, filter, { limit: EXPORT_PAGE, after: after ?? undefined })
    yield page.deliveries.map((row) => wireForm('Delivery', row))
    after = page.next
  } while (after !== null)
}
