import type { Conversation, HslElement, Message } from '@tract/contract'
import { Refusal } from '../../accept/refusal.js'
import { readThread } from '../../accept/threads.js'
import { type UserKey, userKey } from '../../lanes/user-key.js'
import {
  type ConversationRow,
  findConversation,
  type Holder,
  listConversations,
} from '../../views/conversation-list.js'
import { type TranscriptRow, transcript } from '../../views/transcript.js'
import type { Call } from '../call.js'
import { page } from '../documents/pages.js'
import { ContractViolation } from '../errors.js'
import type { Handlers } from '../routes.js'
import type { Services } from '../services.js'

const LAST_NUMBER = 2_147_483_647

export function conversationHandlers({ pool, pools, organisations }: Services) {
  /** The user, and whose conversations the caller may see: an ECT out of standby hears only what it holds. */
  const sight = async ({ caller }: Call, userId: string): Promise<{ key: UserKey; holder: Holder }> => {
    const key = userKey(caller.organisationId, userId)
    const read = await readThread(pools.of(key.bucket), key)
    const organisation = read && (await organisations.at(pool, caller.organisationId, read.configVersion))
    const listener = organisation?.listeners.get(caller.listener)
    if (!listener) throw new Refusal('user_not_found', `The organisation has no user ${userId}.`)
    const seesAll = listener.kind !== 'ect' || listener.standby
    return { key, holder: seesAll ? null : caller.listener }
  }
  const find = async ({ key, holder }: { key: UserKey; holder: Holder }, number: string): Promise<ConversationRow> => {
    const wanted = Number(number)
    const row = wanted > LAST_NUMBER ? null : await findConversation(pools.of(key.bucket), key, holder, wanted)
    if (row) return row
    throw new Refusal('conversation_not_found', `The user ${key.userId} has no conversation ${number}.`)
  }
  return {
    listConversations: async ({ body }, call) => {
      const { key, holder } = await sight(call, body.user_id)
      const { limit = 50, after } = body
      const before = after === undefined ? LAST_NUMBER : numberCursor(after)
      const rows = await listConversations(pools.of(key.bucket), key, holder, { limit: limit + 1, before })
      const { items, next } = page(rows, limit, ({ conversationNumber }) => String(conversationNumber))
      return { conversations: items.map((row) => toConversation(key, row)), ...next }
    },

    getConversation: async ({ body }, call) => {
      const seen = await sight(call, body.user_id)
      return toConversation(seen.key, await find(seen, body.conversation_number))
    },

    listMessages: async ({ body }, call) => {
      const seen = await sight(call, body.user_id)
      const { conversation_number: number, after = 0, before, limit = 50 } = body
      const conversation = number === undefined ? null : await find(seen, number)
      const fromEnd = before !== undefined
      const rows = await transcript(pools.of(seen.key.bucket), seen.key, seen.holder, {
        conversationNumber: conversation?.conversationNumber ?? null,
        after,
        before: before ?? LAST_NUMBER,
        limit: limit + 1,
        fromEnd,
      })
      const more = rows.length > limit
      const messages = fromEnd ? rows.slice(-limit) : rows.slice(0, limit)
      return {
        messages: messages.map((row) => toMessage(seen.key, row)),
        ...(more && !fromEnd && { next: messages.at(-1)?.messageId as number }),
        ...(more && fromEnd && { previous: messages[0]?.messageId as number }),
      }
    },
  } satisfies Partial<Handlers<Call>>
}

function numberCursor(after: string): number {
  if (/^[0-9]{1,9}$/.test(after)) return Number(after)
  throw new ContractViolation([{ path: '/after', message: 'must be the `next` of the page before' }])
}

const toConversation = ({ userId }: UserKey, row: ConversationRow): Conversation => ({
  user_id: userId,
  conversation_number: String(row.conversationNumber),
  opened_at: row.openedAt.toISOString(),
  ...(row.closedAt && { closed_at: row.closedAt.toISOString() }),
  owners: row.owners,
  ...(row.outcome && { outcome: row.outcome }),
  ...(row.rating && { rating: row.rating }),
})

export const toMessage = ({ userId }: UserKey, row: TranscriptRow): Message => ({
  user_id: userId,
  message_id: row.messageId,
  conversation_number: String(row.conversationNumber),
  sender: row.sender,
  listener: row.listener,
  message_body: row.body as HslElement,
  ...(row.metadata && { metadata: row.metadata }),
  ...(row.agent && { agent: row.agent }),
  ...(row.receipts && { receipts: row.receipts }),
  ...(row.attachments && { attachments: row.attachments }),
  timestamp: row.timestamp.toISOString(),
  ...(row.editedAt && { edited_at: row.editedAt.toISOString() }),
  ...(row.originalBody && { original_body: row.originalBody as HslElement }),
  ...(row.deletedAt && { deleted_at: row.deletedAt.toISOString() }),
})
