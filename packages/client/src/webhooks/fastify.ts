/** `@tract/client/webhooks/fastify`: a hook receiver as a plug-in. Nothing is imported from Fastify: these are the parts of it that are used. */
import { BodyError } from './body.js'
import { closing, headerOf, type NodeRequest, readStream } from './node-adapter.js'
import type { HookReceiver } from './receiver.js'

interface FastifyRequestParts {
  raw: Pick<NodeRequest, 'method' | 'headers'>
  body: unknown
}

interface FastifyReplyParts {
  code(status: number): FastifyReplyParts
  headers(headers: Record<string, string>): FastifyReplyParts
  send(body: string): unknown
}

/** A `FastifyInstance`: that it has these, with any overloads. */
export interface FastifyParts {
  removeAllContentTypeParsers(): unknown
  addContentTypeParser(...args: never[]): unknown
  all(...args: never[]): unknown
}

interface FastifyCalls extends FastifyParts {
  addContentTypeParser(type: string, parser: (request: unknown, body: unknown, done: Done) => void): unknown
  all(url: string, handler: (request: FastifyRequestParts, reply: FastifyReplyParts) => Promise<unknown>): unknown
}

type Done = (error: null, body: unknown) => void

export interface FastifyHookOptions {
  /** The path of the hook; `/` if absent, below the plug-in's `prefix`. */
  url?: string
}

/**
 * The plug-in of a receiver: `app.register(fastifyHooks(receiver), { url: '/hooks' })`. In a context of its own the body parsers of the
 * application don't count, so the bytes as they were signed are there with any parsers.
 */
export function fastifyHooks(receiver: HookReceiver) {
  return async (instance: FastifyParts, { url = '/' }: FastifyHookOptions): Promise<void> => {
    const fastify = instance as FastifyCalls
    fastify.removeAllContentTypeParsers()
    fastify.addContentTypeParser('*', (_request, body, done) => done(null, body))
    fastify.all(url, async ({ raw, body }, reply) => {
      const header = headerOf(raw)
      const answer = await receiver.receive({
        method: raw.method,
        header,
        readBody: (limits) => {
          if (!isStream(body)) throw new BodyError(400, 'The request has no body.')
          return readStream(body, header('content-length'), limits)
        },
      })
      return reply
        .code(answer.status)
        .headers({ ...answer.headers, ...closing(answer) })
        .send(answer.body)
    })
  }
}

function isStream(body: unknown): body is AsyncIterable<Uint8Array> {
  return typeof body === 'object' && body !== null && Symbol.asyncIterator in body
}
