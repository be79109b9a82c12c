/** openapi-backend on Fastify, as its documentation has it. */
import { OpenAPIBackend } from 'openapi-backend'
import { ofServer } from '../of-server.mjs'
import { document, handle, OPERATION, serve, tokenCheck } from './operation.mjs'

const { fastify } = ofServer('fastify')
const { Ajv2020 } = ofServer('ajv/dist/2020')
const addFormats = ofServer('ajv-formats')

serve(async (authentication) => {
  const check = tokenCheck(authentication)
  const api = new OpenAPIBackend({
    definition: document(),
    // It would hold the document against the schema of OpenAPI 3.0.
    quick: true,
    ignoreTrailingSlashes: false,
    customizeAjv: () => addFormats.default(new Ajv2020({ allErrors: true, strict: false })),
    handlers: {
      [OPERATION]: (context) => handle(context.request.requestBody, context.security.oauth2),
      validationFail: (context, _request, reply) => reply.code(400).send({ error: context.validation.errors }),
      unauthorizedHandler: (_context, _request, reply) => reply.code(401).send({ error: 'unauthorized' }),
      notFound: (_context, _request, reply) => reply.code(404).send({ error: 'not found' }),
    },
    securityHandlers: { oauth2: (context) => check(context.request.headers.authorization) },
  })
  await api.init()
  const app = fastify()
  app.route({
    method: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
    url: '/*',
    handler: (request, reply) => {
      const { method, url: path, body, query, headers } = request
      return api.handleRequest({ method, path, body, query, headers }, request, reply)
    },
  })
  await app.listen({ port: 0, host: '127.0.0.1' })
  return app.server.address().port
})
