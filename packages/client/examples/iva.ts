/** A virtual assistant. It answers what it knows while it is in control, and passes control to the desk when it cannot help. */
import { createServer } from 'node:http'
import { TractPlatform, text } from '@tract/client/platform'
import { createHookReceiver, toPlainText } from '@tract/client/webhooks'
import { account, port, registerHooks } from './setup.js'

const tract = new TractPlatform(account('iva'))
const known = [
  { asked: /bill/i, answer: text('Your November bill is 499 rupees. Is it wrong?', ['Yes', 'No']) },
  { asked: /data/i, answer: text('You have 12 GB left until the 30th.') },
]
const [secret] = await registerHooks(tract, `http://127.0.0.1:${port}`, ['message.receive'])

const receiver = createHookReceiver({ secret }).on('message', 'receive', async (message, { id }) => {
  const { user_id, sender, message_body, in_control } = message
  console.log(`${sender}: ${toPlainText(message_body)}`)
  if (sender !== 'ceu' || !in_control) return
  const found = known.find(({ asked }) => asked.test(toPlainText(message_body)))
  const answer = found?.answer ?? 'I cannot solve that. A colleague takes over.'
  const said = { user_id, sender: 'iva', message_body: answer } as const
  // The keys make it safe to do all of this again if the delivery comes twice.
  await tract.platformMessages.send(said, { idempotencyKey: `${id}-answer` })
  if (found) return
  const pass = { user_id, requester: 'iva', receiver: 'desk' }
  const { success, reason } = await tract.threads.pass(pass, { idempotencyKey: `${id}-pass` })
  console.log(success ? 'passed to the desk' : `not passed: ${reason.message}`)
})
createServer(receiver.node).listen(port, '127.0.0.1', () => console.log('listening'))
