/** The virtual assistant. It answers while it is in control, and passes control to the agents when it cannot help. */
import { listen, send } from './listener.mjs'

const ANSWERS = [
  { asked: /bill is wrong/i, answer: 'Your November bill is 499 rupees. What is wrong with it?' },
  { asked: /data/i, answer: 'You have 12 GB left until the 30th.' },
]

const noted = () => {}

await listen({
  'conversation_state/bot': noted,
  'conversation_state/incomplete': noted,
  'conversation_state/complete': noted,
  'aeu_events/allocated': noted,

  'message/receive': async ({ sender, message_body, in_control }, id) => {
    // it hears what the agents write as well
    if (sender !== 'ceu' || !in_control) return
    const known = ANSWERS.find(({ asked }) => asked.test(message_body.text))
    const answer = known?.answer ?? 'I cannot solve that. A colleague takes over.'
    await send('/platform/message/send/', { sender: 'iva', message_body: answer }, `${id}-answer`)
    if (known) return
    await send('/tract/thread_control/request', { type: 'pass', requester: 'iva', receiver: 'desk' }, `${id}-pass`)
  },
})
