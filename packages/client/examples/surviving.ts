/** A desk that survives: hooks, secrets and what it has handled are kept on its disk, and what agents say is not given up. */
import { createServer } from 'node:http'
import { Tract, text } from '@tract/client'
import { ensureHooks, mediaOf, patiently } from '@tract/client/desk'
import { fileSecrets, fileStore } from '@tract/client/node'
import { createHookReceiver, type HookHandlers, type HookName, toPlainText } from '@tract/client/webhooks'
import { account, port } from './setup.js'

const { DESK_DIR = '.' } = process.env
const tract = new Tract(account('desk'))
const stopping = new AbortController()

const handlers: HookHandlers = {
  'message.receive': async ({ user_id, conversation_number, sender, message_body, in_control, history }, { id }) => {
    const media = mediaOf(message_body)
    console.log(`${sender}: ${media ? `${media.kind} ${media.name ?? media.url}` : toPlainText(message_body)}`)
    if (sender !== 'ceu' || !in_control || history) return
    const answer = { user_id, conversation_number, sender: 'ect', message_body: text('How can I help?') } as const
    // not awaited: an outage of TRACT is not to hold its own delivery up; a desk keeps what is to be sent in its database
    patiently((call) => tract.messages.send(answer, call), { idempotencyKey: id, signal: stopping.signal }).then(
      () => console.log('answered'),
      (error) => console.log(`not answered: ${error.message}`),
    )
  },
}

const store = await fileStore(`${DESK_DIR}/deliveries.log`) // refuses a second process
const secrets = await ensureHooks(tract, {
  url: `http://127.0.0.1:${port}`,
  hooks: Object.keys(handlers) as HookName[],
  secrets: fileSecrets(`${DESK_DIR}/hook-secrets.json`),
  onFailure: ({ message }) => console.log(`TRACT is not there yet: ${message}`),
})
const receiver = createHookReceiver({ secrets, store, handlers })
const server = createServer(receiver.node).listen(port, '127.0.0.1', () => console.log('listening'))

process.once('SIGTERM', () => {
  stopping.abort()
  server.close(() => void store.close())
})
