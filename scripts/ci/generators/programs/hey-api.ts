import { client } from './client/client.gen.js'
import { issueToken, registerHook, sendMessage } from './client/sdk.gen.js'

const { TRACT_URL, TRACT_CLIENT_ID, TRACT_CLIENT_SECRET, TRACT_USER, TRACT_HOOK_URL, TRACT_TEXT } =
  process.env as Record<string, string>

client.setConfig({ baseUrl: TRACT_URL, throwOnError: true })
const token = await issueToken({
  body: { grant_type: 'client_credentials', client_id: TRACT_CLIENT_ID, client_secret: TRACT_CLIENT_SECRET },
  throwOnError: true,
})
client.setConfig({ auth: token.data.access_token })
await registerHook({ body: { category: 'message', subcategory: 'receive', url: TRACT_HOOK_URL }, throwOnError: true })
const sent = await sendMessage({
  body: { user_id: TRACT_USER, sender: 'ect', message_body: TRACT_TEXT },
  throwOnError: true,
})
console.log(`message ${sent.data.message_id}`)
