import { AuthenticationApi, HooksApi, MessagesApi } from './client/api.js'
import { Configuration } from './client/configuration.js'

const { TRACT_URL, TRACT_CLIENT_ID, TRACT_CLIENT_SECRET, TRACT_USER, TRACT_HOOK_URL, TRACT_TEXT } =
  process.env as Record<string, string>

const anyone = new Configuration({ basePath: TRACT_URL })
const token = await new AuthenticationApi(anyone).issueToken(
  'client_credentials',
  undefined,
  TRACT_CLIENT_ID,
  TRACT_CLIENT_SECRET,
)
const configuration = new Configuration({ basePath: TRACT_URL, accessToken: token.data.access_token })
await new HooksApi(configuration).registerHook({ category: 'message', subcategory: 'receive', url: TRACT_HOOK_URL })
const sent = await new MessagesApi(configuration).sendMessage({
  user_id: TRACT_USER,
  sender: 'ect',
  message_body: TRACT_TEXT,
})
console.log(`message ${sent.data.message_id}`)
