/** A desk on Fastify that misses nothing: it hears of gaps, fetches what was given up, and takes events that it does not know yet. */
import { Tract } from '@tract/client'
import { createHookReceiver, toPlainText } from '@tract/client/webhooks'
import { fastifyHooks } from '@tract/client/webhooks/fastify'
import Fastify from 'fastify'
import { account, port, registerHooks } from './setup.js'

const tract = new Tract(account('desk'))
const app = Fastify()

const secrets = await registerHooks(tract, `http://127.0.0.1:${port}/hooks`, ['message.receive', 'message.read'])
const receiver = createHookReceiver({
  secrets,
  handlers: {
    'message.receive': async ({ user_id, sender, message_body, in_control, history }, { id, replay }) => {
      console.log(`${sender}${replay ? ', again' : ''}: ${toPlainText(message_body)}`)
      if (toPlainText(message_body) === 'not for us' && !replay) return { error: 'this desk refuses it' }
      if (sender !== 'ceu' || !in_control || history || replay) return
      await tract.messages.send({ user_id, sender: 'ect', message_body: 'How can I help?' }, { idempotencyKey: id })
    },
  },
  fallback: (payload, { name }) => console.log(`${name} ${JSON.stringify(payload.metadata)}`),
  // region gap
  onGap: async ({ user_id, from, to }) => {
    console.log(`deliveries ${from} to ${to} were given up`)
    // What ended so, and nothing else; a repetition that is given up too is not repeated. The keys make it safe to be told of a gap twice.
    for await (const { id, sequence, replay_of } of tract.deliveries.list({ user_id, state: 'undeliverable' })) {
      if (sequence < from) break
      if (sequence <= to && !replay_of) await tract.deliveries.replay({ ids: [id] }, { idempotencyKey: `again-${id}` })
    }
  },
  // endregion
})
app.register(fastifyHooks(receiver), { url: '/hooks' })
app.get('/', async () => ({ desk: 'is open' }))
await app.listen({ host: '127.0.0.1', port })
console.log('listening')
