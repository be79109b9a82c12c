import { existsSync } from 'node:fs'
import { join, sep } from 'node:path'
import fastifyStatic from '@fastify/static'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { resource } from '../../resources.js'
import { KEPT_FOR_GOOD, PAGE_HEADERS } from './page-headers.js'

const BUILT = resource('../console/dist')
const PAGE = 'index.html'

/** Whether the console has been built. */
export const hasConsole = (): boolean => existsSync(join(BUILT, PAGE))

/** The console's files at `/console`; every address of its own that is no file is its one page. */
export async function consolePages(app: FastifyInstance): Promise<void> {
  if (!hasConsole()) return
  app.addHook('onRequest', (_request, reply, done) => {
    reply.headers(PAGE_HEADERS)
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
      answer.setHeader('cache-control', isNamedByContents ? KEPT_FOR_GOOD : 'no-cache')
    },
  })
  const page = (request: FastifyRequest, reply: FastifyReply) =>
    // an asset of an earlier build: its page has to be loaded again, and must not get another page for a script
    request.url.startsWith('/console/assets/') ? reply.callNotFound() : reply.sendFile(PAGE)
  app.get('/console', page)
  app.get('/console/*', page)
}
