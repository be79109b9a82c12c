/** The messages of TRACT in which a text is said that takes several. */
import { text } from '@tract/contract/hsl'
import type { VendorMethods } from '../generated/vendor-methods.js'
import type { CallOptions } from '../options.js'
import type { PartWriter } from './write-parts.js'

/** A client of any kind. */
export type MessageClient = Pick<VendorMethods, 'messages'>

/** Whose message it is, and to whom: all that `messages.send` takes but the words. `attachments` go with the first part. */
export type MessageOfParts = Omit<Parameters<VendorMethods['messages']['send']>[0], 'message_body'>

/** With the key of what led to the calls, such as what the `work` of a queue gets. */
export type PartsCall = CallOptions & { idempotencyKey: string }

/**
 * For `writeParts`, where the parts are to be messages of TRACT: `writeParts(before, splitText(words), messageParts(tract, message, call))`. It sends
 * each part as text, edits it and deletes it, under the key of `call` with `-0`, `-1` … for its number. A deletion names no conversation, and is done after the
 * end of one as well.
 */
export function messageParts(tract: MessageClient, message: MessageOfParts, call: PartsCall): PartWriter<number> {
  const { user_id, conversation_number, agent } = message
  const { attachments, ...others } = message
  const about = { user_id, ...(agent && { agent }) }
  const tied = { ...about, ...(conversation_number !== undefined && { conversation_number }) }
  const keyed = (index: number) => ({ ...call, idempotencyKey: `${call.idempotencyKey}-${index}` })
  return {
    async add(words, index) {
      const named = attachments && index === 0 && { attachments }
      const sent = await tract.messages.send({ ...others, ...named, message_body: text(words) }, keyed(index))
      return sent.message_id
    },
    edit: ({ id: message_id }, words, index) =>
      tract.messages.edit({ ...tied, message_id, message_body: text(words) }, keyed(index)),
    remove: ({ id: message_id }, index) => tract.messages.delete({ ...about, message_id }, keyed(index)),
  }
}
