/** fastify-openapi-glue: Fastify's own validation with the document's schemas, and its security handlers. */
import glue from 'fastify-openapi-glue'
import { ofServer } from '../of-server.mjs'
import { document, handle, OPERATION, serve, tokenCheck } from './operation.mjs'

const { fastify } = ofServer('fastify')
const { Ajv2020 } = ofServer('ajv/dist/2020')
const addFormats = ofServer('ajv-formats')

serve(async (authentication) => {
  const check = tokenCheck(authentication)
  const app = fastify()
  const ajv = addFormats.default(
    new Ajv2020({ allErrors: true, strict: false, coerceTypes: false, removeAdditional: false }),
  )
  app.setValidatorCompiler(({ schema }) => ajv.compile(schema))
  app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, async (_request, body) => body)
  app.decorateRequest('access', null)
  // The document's schemas serialise errors as well: they have to have its fields.
  app.setErrorHandler((error, { id }, reply) => {
    const status = error.validation ? 400 : (error.statusCode ?? 500)
    reply.code(status).send({ error: error.message, code: 'invalid_request', request_id: id })
  })
  await app.register(glue, {
    specification: document(),
    serviceHandlers: { [OPERATION]: (request) => handle(request.body, request.access) },
    securityHandlers: {
      oauth2: async (request) => {
        request.access = await check(request.headers.authorization)
      },
    },
  })
  await app.listen({ port: 0, host: '127.0.0.1' })
  return app.server.address().port
})
