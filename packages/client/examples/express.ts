/** An agent desk on Express: every user is a case, and agents answer through its own API. */
import { ConflictError, Tract, text } from '@tract/client'
import { createHookReceiver, type HookHandlers, type HookName, toPlainText } from '@tract/client/webhooks'
import express from 'express'
import { account, port, registerHooks } from './setup.js'

const tract = new Tract(account('desk'))
const cases = new Map<string, { user: string; lines: string[] }>()

const handlers: HookHandlers = {
  // The first delivery of a user. The id that it answers comes with those that TRACT writes down from then on.
  'user_events.create_user': ({ user_id, user_name }) => {
    cases.set(user_id, { user: user_name ?? user_id, lines: [] })
    return { ect_user_id: `case-${user_id}` }
  },
  'message.receive': ({ user_id, sender, message_body }) => {
    cases.get(user_id)?.lines.push(`${sender}: ${toPlainText(message_body)}`)
  },
  'thread_control.assigned': async ({ user_id }, { id }) => {
    const metadata = { agent: { id: 'a-17', name: 'Ravi' } }
    await tract.events.send({ user_id, type: 'aeu_events', subtype: 'allocated', metadata }, { idempotencyKey: id })
  },
}
const secrets = await registerHooks(tract, `http://127.0.0.1:${port}/hooks`, Object.keys(handlers) as HookName[])
const receiver = createHookReceiver({ secrets, handlers })

const app = express()
app.post('/hooks', receiver.node) // before any body parser: the signature is over the bytes as they came
app.use(express.json())
app.get('/cases/:user_id', ({ params }, response) => void response.json(cases.get(params.user_id) ?? null))
app.post('/cases/:user_id/answers', async ({ params, body }, response) => {
  try {
    // what a person types is text, also where it looks like JSON
    const answer = { user_id: params.user_id, sender: 'aeu', message_body: text(body.text) } as const
    response.json(await tract.messages.send(answer))
  } catch (error) {
    if (!(error instanceof ConflictError)) throw error
    response.status(409).json({ error: error.message }) // somebody else is in control of the thread now
  }
})
app.listen(port, '127.0.0.1', () => console.log('listening'))
