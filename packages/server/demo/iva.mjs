/** The virtual assistant. It answers while it is in control, and offers control to the agents when it cannot help. */
import { TractPlatform } from '@tract/client/platform'
import { toPlainText } from '@tract/client/webhooks'
import { account, listen, noted, tell, user_id } from './listener.mjs'

const tract = new TractPlatform(account)
const ANSWERS = [
  { asked: /bill is wrong/i, answer: 'Your November bill is 499 rupees. What is wrong with it?' },
  { asked: /data/i, answer: 'You have 12 GB left until the 30th.' },
]

await listen(tract, {
  'conversation_state.bot': noted,
  // from here on an agent is in control
  'thread_control.accepted': noted,
  'conversation_state.incomplete': noted,
  'conversation_state.complete': noted,
  'aeu_events.allocated': noted,
  'user_events.feedback': noted,

  'message.receive': async ({ sender, message_body, in_control }, { id }) => {
    // it hears what the agents write as well
    if (sender !== 'ceu' || !in_control) return
    const known = ANSWERS.find(({ asked }) => asked.test(toPlainText(message_body)))
    const answer = known?.answer ?? 'I cannot solve that, and ask a colleague.'
    tell({ sent: answer })
    // a key makes a call safe to repeat, should the same delivery come again
    const said = { user_id, sender: 'iva', message_body: answer }
    await tract.platformMessages.send(said, { idempotencyKey: `${id}-answer` })
    if (known) return
    // the user stays with the assistant until an agent accepts
    tell({ sent: 'offer to desk' })
    const context = { reason: 'not_understood', summary: `The user asked: ${toPlainText(message_body)}` }
    const offer = { user_id, receiver: 'desk', context }
    const { success, reason } = await tract.threads.offer(offer, { idempotencyKey: `${id}-offer` })
    if (!success) throw new Error(reason.message)
  },
})
