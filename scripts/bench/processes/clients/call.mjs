/** The call that every client makes, and what makes them comparable: the same headers, and the answer read. */
import { randomUUID } from 'node:crypto'

export const PATH = '/tract/message/send/'
export const MESSAGE = {
  user_id: '8812',
  sender: 'ect',
  message_body: 'Hello, how can I help?',
  metadata: { source: 'macro-3' },
}
export const TOKEN = 't'.repeat(400)

/** What an SDK adds to a call by itself is added for those that do not. */
export const headers = () => ({
  authorization: `Bearer ${TOKEN}`,
  'content-type': 'application/json',
  'idempotency-key': randomUUID(),
})
