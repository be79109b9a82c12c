/** Message delivery. It carries what the chat end user writes to TRACT, and what everybody else writes to the user's channel. */
import { readFile } from 'node:fs/promises'
import { TractPlatform, text } from '@tract/client/platform'
import { account, listen, noted, tell, user_id } from './listener.mjs'

const tract = new TractPlatform(account)
const picture = new URL('receipt.png', import.meta.url)
const user = {
  user_name: 'Asha Rao',
  third_party_user_id: '+919820098200',
  device_platform: 'WhatsApp',
  details: { plan: 'Prepaid 499' },
}

await listen(
  tract,
  { 'message.receive': noted }, // here it would go on to the channel
  {
    write: (words) => {
      tell({ sent: words })
      // what is known of the user comes along; that creates the user
      return tract.platformMessages.send({ user_id, sender: 'ceu', message_body: text(words), user })
    },
    // the file first, then the message that names it
    show: async (words) => {
      tell({ sent: `receipt.png: ${words}` })
      const { id } = await tract.attachments.upload(await readFile(picture), { name: 'receipt.png' })
      const message = { user_id, sender: 'ceu', message_body: text(words), user, attachments: [{ id }] }
      return tract.platformMessages.send(message)
    },
    rate: (comment) => {
      tell({ sent: `5 of 5: ${comment}` })
      const metadata = { score: 5, resolved: true, comment }
      return tract.platformEvents.send({ user_id, type: 'user_events', subtype: 'feedback', metadata })
    },
  },
)
