import { issueToken, registerHook, sendMessage } from './client.js'

const { TRACT_URL, TRACT_CLIENT_ID, TRACT_CLIENT_SECRET, TRACT_USER, TRACT_HOOK_URL, TRACT_TEXT } =
  process.env as Record<string, string>

// orval's calls have paths alone: its `baseUrl` option, or another `fetch`, adds the service.
const { fetch } = globalThis
globalThis.fetch = (path, options) => fetch(new URL(String(path), TRACT_URL), options)

const token = await issueToken({
  grant_type: 'client_credentials',
  client_id: TRACT_CLIENT_ID,
  client_secret: TRACT_CLIENT_SECRET,
})
if (token.status !== 200) throw new Error(token.data.error)
const options = { headers: { authorization: `Bearer ${token.data.access_token}` } }
const hook = await registerHook({ category: 'message', subcategory: 'receive', url: TRACT_HOOK_URL }, options)
if (hook.status !== 200) throw new Error(hook.data.error)
const sent = await sendMessage({ user_id: TRACT_USER, sender: 'ect', message_body: TRACT_TEXT }, options)
if (sent.status !== 200) throw new Error(sent.data.error)
console.log(`message ${sent.data.message_id}`)
