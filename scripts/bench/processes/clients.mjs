/** The SDK, and the HTTP client that it is built on. */
import { callWith, headers, MESSAGE, PATH } from './call-clients.mjs'
import { ofServer } from './of-server.mjs'

callWith({
  /** As it is built: with a token, retries, a time limit and an idempotency key. */
  sdk: async ({ url }) => {
    const { Tract } = await import(new URL('../../../packages/client/dist/index.node.js', import.meta.url))
    const tract = new Tract({ baseUrl: url, clientId: 'bench', clientSecret: 'bench' })
    return () => tract.messages.send(MESSAGE)
  },

  'undici.request': async ({ url, concurrency }) => {
    const { Agent, request } = ofServer('undici')
    const dispatcher = new Agent({ connections: concurrency, pipelining: 1, keepAliveTimeout: 30_000 })
    return async () => {
      const call = { dispatcher, method: 'POST', headers: headers(), body: JSON.stringify(MESSAGE) }
      return (await request(url + PATH, call)).body.json()
    }
  },
})
