/** Fastify as it comes: no validation, no authentication. */
import { ofServer } from '../of-server.mjs'
import { ANYBODY, handle, PATH, serve } from './operation.mjs'

const { fastify } = ofServer('fastify')

serve(async () => {
  const app = fastify()
  app.post(PATH, (request) => handle(request.body, ANYBODY))
  await app.listen({ port: 0, host: '127.0.0.1' })
  return app.server.address().port
})
