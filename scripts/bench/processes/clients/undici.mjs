/** The limit: undici's own request, on connections that are kept. */
import { ofServer } from '../of-server.mjs'
import { headers, MESSAGE, PATH } from './call.mjs'
import { serve } from './serve.mjs'

const { Agent, request } = ofServer('undici')

serve(async ({ url, concurrency }) => {
  const dispatcher = new Agent({ connections: concurrency, pipelining: 1, keepAliveTimeout: 30_000 })
  return async () => {
    const { body } = await request(url + PATH, {
      dispatcher,
      method: 'POST',
      headers: headers(),
      body: JSON.stringify(MESSAGE),
    })
    return body.json()
  }
})
