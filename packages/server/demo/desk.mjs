/** The agent desk: an external chat tool (ECT) such as a vendor would connect. Only its agent says anything. */
import { createHash } from 'node:crypto'
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
    // the assistant asks whether an agent takes the user; what is to be known of the case comes along
    'thread_control.offered': noted,
    'thread_control.assigned': noted,
    'conversation_state.incomplete': noted,
    // with `history: true` what was said before, then what is said now
    'message.receive': ({ attachments = [] }) => Promise.all(attachments.map(fetchFile)),
    // what the user thought of the conversation that the desk had
    'user_events.feedback': noted,
  },
  {
    accept: () => send('thread_control', 'accepted'),
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

/** A file is there, byte for byte, when the message that names it comes. */
async function fetchFile({ id, name, size, sha256 }) {
  const hash = createHash('sha256')
  const { body } = await tract.attachments.get(id)
  for await (const chunk of body) hash.update(chunk)
  if (hash.digest('hex') !== sha256) throw new Error(`${name} is not what was uploaded`)
  tell({ fetched: `${name}, ${size} bytes` })
}
