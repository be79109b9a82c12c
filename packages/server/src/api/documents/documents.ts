import { readFile } from 'node:fs/promises'
import fastifySwagger from '@fastify/swagger'
import fastifySwaggerUi from '@fastify/swagger-ui'
import type { FastifyInstance } from 'fastify'
import { type Credentials, VENDOR_SCOPES } from '../../accounts/first-start.js'
import { answerTo } from '../answer.js'
import { LOGO, STYLES } from './look.js'
import { publishedDocument, publishedFile } from './published.js'
import { triedDocument } from './tried-document.js'

export interface DocumentsOptions {
  /** The client to try calls with, which Swagger UI has filled in. */
  tryAs: Credentials | null
}

/** Without `upgrade-insecure-requests`, which would leave a page over plain http empty; `blob:` is a file that a call answered with. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'self'",
  "img-src 'self' data: blob:",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

/** The published documents, and Swagger UI to read and try them. */
export async function documents(app: FastifyInstance, { tryAs }: DocumentsOptions): Promise<void> {
  app.addHook('onRequest', (_request, reply, done) => {
    answerTo(reply).common.push('referrer-policy', 'no-referrer', 'x-frame-options', 'DENY')
    // the client to try calls with stands in a script, which a page of another site could load and read otherwise
    answerTo(reply).common.push('cross-origin-resource-policy', 'same-origin')
    done()
  })
  app.get('/', async (_request, reply) => reply.redirect('/docs'))
  for (const audience of ['vendor', 'platform'] as const) {
    // read when it is asked for, which is seldom: kept, it would be some megabytes of memory
    app.get(`/openapi/${audience}.json`, async (_request, reply) =>
      reply.type('application/json').send(await readFile(publishedFile(audience))),
    )
    // apart from the published one, which others keep and pass on
    if (tryAs)
      app.get(`/docs/tried/${audience}.json`, async (_request, reply) =>
        reply.type('application/json').send(triedDocument(publishedDocument(audience), audience, tryAs)),
      )
  }
  const document = JSON.parse(publishedDocument('vendor'))
  await app.register(fastifySwagger, { mode: 'static', specification: { document } })
  const folder = tryAs ? '/docs/tried' : '/openapi'
  await app.register(fastifySwaggerUi, {
    routePrefix: '/docs',
    uiConfig: {
      // a document's tags stand closed, and a call is tried without another click
      docExpansion: 'list',
      tryItOutEnabled: true,
      persistAuthorization: false,
      urls: [
        { url: `${folder}/vendor.json`, name: 'Vendor: an external chat tool' },
        { url: `${folder}/platform.json`, name: "Platform: Haptik's components" },
      ],
    } as object,
    initOAuth: {
      useBasicAuthenticationWithAccessCodeGrant: true,
      scopeSeparator: ' ',
      ...(tryAs && { clientId: tryAs.client_id, clientSecret: tryAs.client_secret, scopes: VENDOR_SCOPES.join(' ') }),
    } as object,
    theme: { title: 'TRACT', css: [{ filename: 'tract.css', content: STYLES }] },
    logo: { type: 'image/svg+xml', content: Buffer.from(LOGO), href: '/docs', target: '_self' },
    staticCSP: CONTENT_SECURITY_POLICY,
  })
}
