/** The whole service, and two servers that check nothing. */
import { createServer } from 'node:http'
import { built, ofServer } from './of-server.mjs'
import { handle, PATH, serve, users } from './operation.mjs'

const CALLER = { organisationId: '019412a1-7c3e-7d7a-9b1f-3a4c5d6e7f80', listener: 'desk' }

serve({
  tract: async (environment) => {
    // Loaded here: a server that checks nothing must not pay for modules that it does not use.
    const { readConfig } = await built('config')
    const { startService } = await built('service')
    const { Pool } = ofServer('pg')
    const query = Pool.prototype.query
    Pool.prototype.query = function (statement, ...rest) {
      return statement?.name === 'user_read' ? users.query() : query.call(this, statement, ...rest)
    }
    const { app } = await startService(readConfig(environment), { notice: () => {} })
    return app.server
  },

  fastify: async () => {
    const app = ofServer('fastify').fastify()
    app.post(PATH, (request) => handle(request.body, CALLER))
    await app.listen({ port: 0, host: '127.0.0.1' })
    return app.server
  },

  'node-http': async () =>
    createServer((request, response) => {
      if (request.url !== PATH || request.method !== 'POST') return response.writeHead(404).end()
      const chunks = []
      request.on('data', (chunk) => chunks.push(chunk))
      request.on('end', async () => {
        const text = JSON.stringify(await handle(JSON.parse(Buffer.concat(chunks)), CALLER))
        response
          .writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) })
          .end(text)
      })
    }),
})
