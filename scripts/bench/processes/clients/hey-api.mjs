import { createClient, createConfig } from '@hey-api/client-fetch'
import { headers, MESSAGE, PATH } from './call.mjs'
import { serve } from './serve.mjs'

serve(async ({ url }) => {
  const client = createClient(createConfig({ baseUrl: url }))
  return async () => (await client.post({ url: PATH, body: MESSAGE, headers: headers() })).data
})
