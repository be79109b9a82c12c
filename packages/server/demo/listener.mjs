/**
 * What a program needs to be a listener of TRACT: an access token, calls to the API, and a web server that takes the hooks.
 * The three parties of the demo share this file; what each of them does with it is in iva.mjs, message-delivery.mjs and desk.mjs.
 */
import { createServer } from 'node:http'
import { text } from 'node:stream/consumers'
import { Webhook } from 'standardwebhooks'

const { DEMO_URL, DEMO_CLIENT_ID, DEMO_CLIENT_SECRET, DEMO_USER } = process.env

/** The user of this run: TRACT may still have something for us about those of earlier runs. */
export const user_id = DEMO_USER

/** OAuth 2.0 client credentials. A token lives for 15 minutes, so one is enough here; a real listener gets another when it expires. */
async function getToken() {
  const response = await fetch(`${DEMO_URL}/tract/auth/token/`, {
    method: 'POST',
    headers: { authorization: `Basic ${btoa(`${DEMO_CLIENT_ID}:${DEMO_CLIENT_SECRET}`)}` },
    body: new URLSearchParams({ grant_type: 'client_credentials' }),
  })
  const answer = await response.json()
  if (!response.ok) throw new Error(`no access token: ${answer.error_description ?? answer.error}`)
  return answer.access_token
}

let token

/**
 * Calls the API.
 * @param key makes the call safe to repeat: TRACT does nothing again for the same key and body
 */
export async function call(method, path, body, key) {
  token ??= await getToken()
  const response = await fetch(DEMO_URL + path, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      ...(body && { 'content-type': 'application/json' }),
      ...(key && { 'idempotency-key': key }),
    },
    body: body && JSON.stringify(body),
  })
  const answer = await response.json()
  if (!response.ok) throw new Error(`${path} answered ${response.status} ${answer.code}: ${answer.error}`)
  if (answer.success === false) throw new Error(`${path} was refused, ${answer.reason.code}: ${answer.reason.message}`)
  return answer
}

/** Sends something about the user and tells the demo that it did. */
export async function send(path, body, key) {
  tell({ sent: body })
  await call('POST', path, { user_id, ...body }, key)
}

/**
 * Registers hooks, takes what they receive until the demo ends, and unregisters them.
 * @param hooks by 'category/subcategory': what to do with the payload. What it returns is added to the answer; what it throws
 *   makes the answer a 500, and TRACT tries again.
 * @param people what the person at this program can do, by name
 */
export async function listen(hooks, people = {}) {
  const registered = new Map()
  const done = new Set()

  const server = createServer(async (request, response) => {
    const answer = (status, body) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    const hook = request.url.slice(1)
    const raw = await text(request)
    const headers = request.headers
    let payload
    try {
      // over the bytes as they came: parsed and written again they would not be the same
      payload = registered.get(hook).webhook.verify(raw, headers)
    } catch (error) {
      tell({ got: hook, problem: `the signature is wrong: ${error.message}` })
      return answer(401, { success: false, error: 'wrong signature' })
    }
    const id = headers['webhook-id']
    // at least once means that it may come twice
    if (payload.user_id !== user_id || done.has(id)) return answer(200, { success: true })
    tell({
      got: hook,
      payload,
      id,
      sequence: Number(headers['tract-sequence']),
      previous: headers['tract-previous-id'],
    })
    try {
      answer(200, { success: true, ...(await hooks[hook](payload, id)) })
      done.add(id)
    } catch (error) {
      tell({ failed: error.message })
      answer(500, { success: false, error: error.message })
    }
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))

  for (const { id, category, subcategory, url } of (await call('GET', '/tract/hooks/list/')).hooks) {
    tell({ note: `unregistered ${category}/${subcategory} at ${url}, to hear everything here` })
    await call('POST', '/tract/hooks/unregister/', { id })
  }
  for (const hook of Object.keys(hooks)) {
    const [category, subcategory] = hook.split('/')
    const url = `http://127.0.0.1:${server.address().port}/${hook}`
    const { id, signing_secret } = await call('POST', '/tract/hooks/register/', { category, subcategory, url })
    registered.set(hook, { id, webhook: new Webhook(signing_secret) })
  }

  process.on('message', ({ does, words }) => people[does](words).catch((error) => tell({ failed: error.message })))
  process.on('SIGINT', () => {}) // Ctrl-C ends the demo, and that ends us
  process.on('disconnect', async () => {
    try {
      for (const { id } of registered.values()) await call('POST', '/tract/hooks/unregister/', { id })
    } finally {
      process.exit()
    }
  })
  tell({ ready: true })
}

/** Tells run.mjs what happens here, for its picture and its checks. TRACT has no part in it. */
function tell(what) {
  process.send(what)
}

process.on('uncaughtException', (error) => process.send({ failed: error.message }, () => process.exit(1)))
