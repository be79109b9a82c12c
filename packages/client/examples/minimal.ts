import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { Tract } from '@tract/client'
import { createHookReceiver, toPlainText } from '@tract/client/webhooks'

const { url, listeners } = JSON.parse(readFileSync(`${process.env.TRACT_DATA_DIR ?? '.tract'}/demo.json`, 'utf8'))
const { client_id: clientId, client_secret: clientSecret } = listeners.desk
const tract = new Tract({ baseUrl: url, clientId, clientSecret })
const port = process.env.PORT ?? '9000'

// a secret is shown only once: keep yours, where this gets a new one at every start
const here = `http://127.0.0.1:${port}`
const { id } = await tract.hooks.register({ category: 'message', subcategory: 'receive', url: here })
const { signing_secret: secret } = await tract.hooks.rotateSecret({ id })
const receiver = createHookReceiver({ secret })

receiver.on('message', 'receive', async ({ user_id, sender, message_body, in_control, history }, delivery) => {
  console.log(`${sender}: ${toPlainText(message_body)}`)
  if (sender !== 'ceu' || !in_control || history) return
  const options = { idempotencyKey: delivery.id } // the answer to a delivery that comes twice is one answer
  console.log(await tract.messages.send({ user_id, sender: 'ect', message_body: 'How can I help?' }, options))
})
createServer(receiver.node).listen(port, () => console.log('listening'))
