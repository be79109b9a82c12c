/** Message delivery. It carries what the chat end user writes to TRACT, and what everybody else writes to the user's channel. */
import { listen, send } from './listener.mjs'

const user = {
  user_name: 'Asha Rao',
  third_party_user_id: '+919820098200',
  device_platform: 'WhatsApp',
  details: { plan: 'Prepaid 499' },
}

await listen(
  {
    'message/receive': () => {
      // here it would go on to the channel
    },
  },
  {
    // what is known of the user comes along; that creates the user
    write: (words) => send('/platform/message/send/', { sender: 'ceu', message_body: words, user }),
  },
)
