import { existsSync, readdirSync } from 'node:fs'
import { join, sep } from 'node:path'
import fastifyStatic from '@fastify/static'
import type { FastifyInstance, FastifyReply } from 'fastify'
import { resource } from '../../resources.js'
import { KEPT_FOR_GOOD, PAGE_HEADERS } from './page-headers.js'

const BUILT = resource('../guide/dist')
const FIRST = 'index.html'

/** Whether the guide has been built. */
export const hasGuide = (): boolean => existsSync(join(BUILT, FIRST))

/** The guide at `/guide`, for all to read: its first page, `/guide/start` for `start.html`, and what pages need. */
export async function guidePages(app: FastifyInstance): Promise<void> {
  if (!hasGuide()) return
  // what there is now, so that nothing else of the disk can be asked for
  const files = filesByPath()
  app.addHook('onRequest', (_request, reply, done) => {
    reply.headers(PAGE_HEADERS)
    done()
  })
  await app.register(fastifyStatic, {
    root: BUILT,
    serve: false,
    cacheControl: false,
    setHeaders: (answer, path) => {
      const isNamedByContents = path.startsWith(join(BUILT, 'assets') + sep)
      // a browser asks each time whether its page is the present one, by its ETag
      answer.setHeader('cache-control', isNamedByContents ? KEPT_FOR_GOOD : 'no-cache')
    },
  })
  const answer = (reply: FastifyReply, path: string) => {
    const file = files.get(path)
    return file === undefined ? reply.callNotFound() : reply.sendFile(file)
  }
  app.get('/guide', (_request, reply) => answer(reply, ''))
  app.get<{ Params: { '*': string } }>('/guide/*', (request, reply) =>
    answer(reply, request.params['*'].replace(/\/$/, '')),
  )
}

function filesByPath(): ReadonlyMap<string, string> {
  const names = readdirSync(BUILT, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(BUILT.length + 1))
  return new Map(names.map((name) => [pathOf(name.split(sep).join('/')), name]))
}

const pathOf = (name: string) => (name === FIRST ? '' : name.replace(/\.html$/, ''))
