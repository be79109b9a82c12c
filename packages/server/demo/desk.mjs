/** The agent desk: an external chat tool (ECT) such as a vendor would connect. Only its agent says anything. */
import { listen, send } from './listener.mjs'

const noted = () => {}

await listen(
  {
    // the first thing that the desk hears of a user; the id that it answers comes with everything later
    'user_events/create_user': ({ user_id }) => ({ ect_user_id: `case-${user_id}` }),
    'thread_control/assigned': noted,
    'conversation_state/incomplete': noted,
    // with `history: true` what was said before, then what is said now
    'message/receive': noted,
  },
  {
    allocate: (name) => sendEvent('aeu_events', 'allocated', { agent: { id: name.toLowerCase(), name } }),
    write: (words) => send('/tract/message/send/', { sender: 'aeu', message_body: words }),
    complete: () => sendEvent('conversation_state', 'complete'),
  },
)

/** The metadata of an event is a string, JSON where the catalogue says so. */
function sendEvent(type, subtype, metadata) {
  return send('/tract/event/send', { type, subtype, ...(metadata && { metadata: JSON.stringify(metadata) }) })
}
