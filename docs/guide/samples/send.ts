/** Sends what an agent says, as the desk of the demo organisation. */
import { readFileSync } from 'node:fs'
import { Tract } from '@tract/client'

const { url, listeners } = JSON.parse(readFileSync('.tract/demo.json', 'utf8'))
const { client_id: clientId, client_secret: clientSecret } = listeners.desk
const tract = new Tract({ baseUrl: url, clientId, clientSecret })

// region send
const message = {
  user_id: 'asha',
  conversation_number: '1',
  sender: 'aeu',
  message_body: 'The money goes back to you today.',
} as const
// the key: your own id of this answer
const { message_id } = await tract.messages.send(message, { idempotencyKey: 'case-17-answer-3' })
// endregion
console.log(`stored as message ${message_id}`)
await tract.close()
