import fastifySwagger from '@fastify/swagger'
import fastifySwaggerUi from '@fastify/swagger-ui'
import type { FastifyInstance } from 'fastify'
import { answerTo } from './answer.js'
import { publishedDocument } from './published.js'

/** The published documents, and Swagger UI to read and try them. */
export async function documents(app: FastifyInstance): Promise<void> {
  app.addHook('onRequest', (_request, reply, done) => {
    answerTo(reply).common.push('referrer-policy', 'no-referrer', 'x-frame-options', 'DENY')
    done()
  })
  app.get('/', async (_request, reply) => reply.redirect('/docs'))
  for (const audience of ['vendor', 'platform'] as const) {
    const text = publishedDocument(audience)
    app.get(`/openapi/${audience}.json`, async (_request, reply) => reply.type('application/json').send(text))
    if (audience === 'vendor')
      await app.register(fastifySwagger, { mode: 'static', specification: { document: JSON.parse(text) } })
  }
  await app.register(fastifySwaggerUi, {
    routePrefix: '/docs',
    uiConfig: {
      // a document's tags stand closed, and a call is tried without another click
      docExpansion: 'list',
      tryItOutEnabled: true,
      persistAuthorization: false,
      urls: [
        { url: '/openapi/vendor.json', name: 'Vendor: an external chat tool' },
        { url: '/openapi/platform.json', name: "Platform: Haptik's components" },
      ],
    } as object,
    initOAuth: { useBasicAuthenticationWithAccessCodeGrant: true, scopeSeparator: ' ' } as object,
    theme: { title: 'TRACT' },
    logo: null as never,
    staticCSP: true,
  })
}
