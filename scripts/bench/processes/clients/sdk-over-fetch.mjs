/** The SDK where there is no undici. */
import { MESSAGE } from './call.mjs'
import { serve } from './serve.mjs'

serve(async ({ url }) => {
  const { Tract } = await import(new URL('../../../../packages/client/dist/index.js', import.meta.url))
  const tract = new Tract({ baseUrl: url, clientId: 'bench', clientSecret: 'bench' })
  return () => tract.messages.send(MESSAGE)
})
