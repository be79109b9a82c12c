/** express-openapi-validator on Express. */
import { createServer } from 'node:http'
import express from 'express'
import { middleware } from 'express-openapi-validator'
import { document, handle, listening, PATH, serve, tokenCheck } from './operation.mjs'

serve((authentication) => {
  const check = tokenCheck(authentication)
  const app = express()
  app.disable('x-powered-by')
  app.use(express.json())
  app.use(
    middleware({
      apiSpec: document(),
      validateApiSpec: false,
      validateResponses: false,
      validateSecurity: {
        handlers: {
          oauth2: async (request) => {
            request.access = await check(request.headers.authorization)
            return true
          },
        },
      },
    }),
  )
  app.post(PATH, async (request, response) => {
    response.json(await handle(request.body, request.access))
  })
  app.use((error, _request, response, _next) => {
    response.status(error.status ?? 500).json({ error: error.message })
  })
  return listening(createServer(app))
})
