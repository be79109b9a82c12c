/** The agent desk: an external chat tool (ECT) such as a vendor would connect. Only its agent says anything. */
import { Tract, text } from '@tract/client'
import { account, listen, noted, tell, user_id } from './listener.mjs'

const tract = new Tract(account)
const agent = { id: 'ravi', name: 'Ravi', team: 'billing' }
const outcome = { reason: 'resolved', note: 'Charged twice: 499 rupees paid back', tags: ['billing'] }

await listen(
  tract,
  {
    // the first thing that the desk hears of a user; the id that it answers comes with everything later
    'user_events.create_user': () => ({ ect_user_id: `case-${user_id}` }),
    'thread_control.assigned': noted,
    'conversation_state.incomplete': noted,
    // with `history: true` what was said before, then what is said now
    'message.receive': noted,
    // what the user thought of the conversation that the desk had
    'user_events.feedback': noted,
  },
  {
    allocate: () => send('aeu_events', 'allocated', { agent }),
    complete: () => send('conversation_state', 'complete', outcome),
    write: (words) => {
      tell({ sent: words })
      // in an element what a person typed stays text, whatever it looks like
      return tract.messages.send({ user_id, sender: 'aeu', message_body: text(words), agent })
    },
  },
)

function send(type, subtype, metadata) {
  tell({ sent: `${type}.${subtype}` })
  return tract.events.send({ user_id, type, subtype, metadata })
}
