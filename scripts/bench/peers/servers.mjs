/** Libraries that check the token and the body by the OpenAPI document, as TRACT does. */
import { createServer } from 'node:http'
import express from 'express'
import { middleware } from 'express-openapi-validator'
import glue from 'fastify-openapi-glue'
import { OpenAPIBackend } from 'openapi-backend'
import { ofServer } from '../processes/of-server.mjs'
import { document, handle, OPERATION, PATH, serve, tokenCheck } from '../processes/operation.mjs'

const { fastify } = ofServer('fastify')
const { Ajv2020 } = ofServer('ajv/dist/2020')
const addFormats = ofServer('ajv-formats')

const ajv = (options) => addFormats.default(new Ajv2020({ allErrors: true, strict: false, ...options }))

serve({
  /** Fastify's own validation with the document's schemas. */
  'fastify-openapi-glue': async (environment) => {
    const check = await tokenCheck(environment)
    const app = fastify()
    const validator = ajv({ coerceTypes: false, removeAdditional: false })
    app.setValidatorCompiler(({ schema }) => validator.compile(schema))
    app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, async (_request, body) => body)
    app.decorateRequest('access', null)
    // The document's schemas serialise errors as well, and require these fields.
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
    return app.server
  },

  /** On Fastify, as its documentation has it. */
  'openapi-backend': async (environment) => {
    const check = await tokenCheck(environment)
    const api = new OpenAPIBackend({
      definition: document(),
      // Without it, the library validates the document by the schema of OpenAPI 3.0.
      quick: true,
      ignoreTrailingSlashes: false,
      customizeAjv: () => ajv(),
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
    return app.server
  },

  'express-openapi-validator': async (environment) => {
    const check = await tokenCheck(environment)
    const oauth2 = async (request) => {
      request.access = await check(request.headers.authorization)
      return true
    }
    const app = express()
    app.disable('x-powered-by')
    app.use(express.json())
    app.use(
      middleware({
        apiSpec: document(),
        validateApiSpec: false,
        validateResponses: false,
        validateSecurity: { handlers: { oauth2 } },
      }),
    )
    app.post(PATH, async (request, response) => {
      response.json(await handle(request.body, request.access))
    })
    app.use((error, _request, response, _next) => {
      response.status(error.status ?? 500).json({ error: error.message })
    })
    return createServer(app)
  },
})
