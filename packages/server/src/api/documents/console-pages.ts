import { existsSync } from 'node:fs'
import { join, sep } from 'node:path'
import fastifyStatic from '@fastify/static'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { resource } from '../../resources.js'

const BUILT = resource('../console/dist')
const PAGE = 'index.html'

/** Only what is served here runs and is asked; pictures of messages may be anywhere, over https. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data: https:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
].join('; ')

const HEADERS = {
  'content-security-policy': CONTENT_SECURITY_POLICY,
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-frame-options': 'DENY',
}

/** Whether the console has been built. */
export const hasConsole = (): boolean => existsSync(join(BUILT, PAGE))

/** The console's files at `/console`; every address of its own that is no file is its one page. */
export async function consolePages(app: FastifyInstance): Promise<void> {
  if (!hasConsole()) return
  app.addHook('onRequest', (_request, reply, done) => {
    reply.headers(HEADERS)
    done()
  })
  await app.register(fastifyStatic, {
    root: BUILT,
    prefix: '/console/',
    // a route for each file that there is now, so that nothing else of the disk can be asked for
    wildcard: false,
    index: false,
    cacheControl: false,
    setHeaders: (answer, path) => {
      // Vite names what it builds by its contents
      const isNamedByContents = path.startsWith(join(BUILT, 'assets') + sep)
      answer.setHeader('cache-control', isNamedByContents ? 'public, max-age=31536000, immutable' : 'no-cache')
    },
  })
  const page = (request: FastifyRequest, reply: FastifyReply) =>
    // an asset of an earlier build: its page has to be loaded again, and must not get another page for a script
    request.url.startsWith('/console/assets/') ? reply.callNotFound() : reply.sendFile(PAGE)
  app.get('/console', page)
  app.get('/console/*', page)
}
