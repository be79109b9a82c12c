/**
 * What has to work in every JavaScript runtime, with nothing but the web's APIs. It is bundled or imported as it is, so it is no TypeScript.
 * @returns the names of what worked, in their order
 */
import {
  ConflictError,
  ConnectionError,
  isErrorOf,
  NotFoundError,
  TimeoutError,
  Tract,
  text,
  toPlainText,
} from '@tract/client'
import { createHookReceiver, sign } from '@tract/client/webhooks'

export async function smoke({ baseUrl, clientId, clientSecret, keyClientId, privateKey, user_id }) {
  const worked = []
  const tract = new Tract({ baseUrl, clientId, clientSecret })
  const refusal = (promise) =>
    promise.then(
      () => undefined,
      (error) => error,
    )
  const step = (name, holds) => {
    if (!holds) throw new Error(`${name} does not work`)
    worked.push(name)
  }

  step('token and list', (await tract.hooks.list()).hooks.length > 0)
  const sent = await tract.messages.send({ user_id, sender: 'ect', message_body: text('Hello – नमस्ते') })
  step('message', sent.message_id > 0 && toPlainText(text('Hi')) === 'Hi')
  step('with response', (await tract.hooks.list().withResponse()).response.status === 200)
  let deliveries = 0
  for await (const { id } of tract.deliveries.list({ limit: 1 })) deliveries += id ? 1 : 0
  step('pages', deliveries >= 0)
  const missing = await refusal(tract.users.get({ user_id: 'nobody' }))
  step(
    'error',
    missing instanceof NotFoundError && isErrorOf('users.get', missing) && missing.code === 'user_not_found',
  )
  step('another error', !(missing instanceof ConflictError))
  const all = await Promise.all(Array.from({ length: 20 }, () => tract.users.get({ user_id }).then()))
  step(
    'many at once',
    all.every((user) => user.user_id === user_id),
  )
  step('abort', (await refusal(tract.hooks.list({ signal: AbortSignal.abort() }))).name === 'AbortError')
  step('timeout', (await refusal(tract.hooks.list({ timeout: 0, maxRetries: 0 }))) instanceof TimeoutError)
  const nowhere = new Tract({ baseUrl: 'http://127.0.0.1:9', clientId, clientSecret, maxRetries: 0 })
  step('no connection', (await refusal(nowhere.hooks.list())) instanceof ConnectionError)
  const signing = new Tract({ baseUrl, clientId: keyClientId, privateKey })
  step('private key', (await signing.hooks.list()).hooks.length > 0)

  const secret = `whsec_${btoa('0123456789abcdef0123456789abcdef')}`
  const heard = []
  const receiver = createHookReceiver({
    secret,
    handlers: { 'message.receive': (message) => void heard.push(message) },
  })
  const body = JSON.stringify({ user_id, conversation_number: '1', message_body: text('Hi'), sender: 'ceu' })
  const signed = { ...(await sign({ secret, id: 'd1', body })), 'content-type': 'application/json' }
  const url = 'http://vendor.example.com/hooks?category=message&subcategory=receive'
  const deliver = (bytes) => receiver.fetch(new Request(url, { method: 'POST', headers: signed, body: bytes }))
  step('tampered hook', (await deliver(`${body} `)).status >= 400 && heard.length === 0)
  step('signed hook', (await deliver(body)).status === 200 && heard.length === 1)
  await tract.close()
  return worked
}
