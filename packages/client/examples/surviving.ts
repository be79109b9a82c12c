/** A desk that survives: hooks, secrets and what it has to do are kept on its disk, and neither a crash nor an outage loses any of it. */
import { createServer } from 'node:http'
import { Tract, text } from '@tract/client'
import { ensureHooks, mediaOf } from '@tract/client/desk'
import { fileInbox, fileSecrets } from '@tract/client/node'
import { createHookReceiver, toPlainText } from '@tract/client/webhooks'
import { account, port } from './setup.js'

const { DESK_DIR = '.' } = process.env
const tract = new Tract(account('desk'))

const inbox = await fileInbox(`${DESK_DIR}/inbox.log`, {
  handlers: {
    'message.receive': async (message, _delivery, call) => {
      const { user_id, conversation_number, sender, message_body, in_control, history } = message
      const media = mediaOf(message_body)
      console.log(`${sender}: ${media ? `${media.kind} ${media.name ?? media.url}` : toPlainText(message_body)}`)
      if (sender !== 'ceu' || !in_control || history) return
      const answer = { user_id, conversation_number, sender: 'ect', message_body: text('How can I help?') } as const
      await tract.messages.send(answer, call) // an outage of TRACT is waited for, and the answer to a delivery is one answer
      console.log('answered')
    },
  },
  onRefused: (error) => console.log(`not answered: ${error}`),
})

const secrets = await ensureHooks(tract, {
  url: `http://127.0.0.1:${port}`,
  hooks: inbox.handlers,
  secrets: fileSecrets(`${DESK_DIR}/hook-secrets.json`),
  onFailure: ({ message }) => console.log(`TRACT is not there yet: ${message}`),
})
const receiver = createHookReceiver({ secrets, handlers: inbox.handlers })
const server = createServer(receiver.node).listen(port, '127.0.0.1', () => console.log('listening'))

process.once('SIGTERM', () => server.close(() => void inbox.close()))
