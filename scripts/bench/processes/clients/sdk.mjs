/** The SDK as it is built, whole: a token, retries, a time limit, an idempotency key and a typed answer. */
import { MESSAGE } from './call.mjs'
import { serve } from './serve.mjs'

serve(async ({ url }) => {
  const { Tract } = await import(new URL('../../../../packages/client/dist/index.node.js', import.meta.url))
  const tract = new Tract({ baseUrl: url, clientId: 'bench', clientSecret: 'bench' })
  return () => tract.messages.send(MESSAGE)
})
