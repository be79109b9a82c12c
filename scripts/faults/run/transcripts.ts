import type { TranscribedMessage } from '../history/history.js'
import type { Organisation } from '../world/organisation.js'

const PAGE = 200

interface Listed {
  message_id: number
  message_body: { text?: string }
  edited_at?: string
  original_body?: { text?: string }
  deleted_at?: string
}

const tokenOf = (body: Listed['message_body'] | undefined) => body?.text?.split(' ', 1)[0] ?? null

/** What the API shows of the messages of these users. */
export async function transcriptsOf(
  { callers }: Organisation,
  users: ReadonlySet<string>,
): Promise<TranscribedMessage[]> {
  const shown: TranscribedMessage[] = []
  for (const user of users) {
    for (let after: number | undefined = 0; after !== undefined; ) {
      const asked = { user_id: user, after, limit: PAGE }
      const answered = await callers.md.post('/tract/messages/list/', asked, `list-${user}-${after}`)
      if (answered?.status !== 200) throw new Error(`The transcript of ${user} was answered ${answered?.status}.`)
      const { messages, next } = answered.body as { messages: Listed[]; next?: number }
      shown.push(
        ...messages.map(({ message_id: messageId, message_body, edited_at, original_body, deleted_at }) => ({
          user,
          messageId,
          says: deleted_at === undefined ? tokenOf(message_body) : null,
          original: tokenOf(original_body),
          isEdited: edited_at !== undefined,
        })),
      )
      after = next
    }
  }
  return shown
}
