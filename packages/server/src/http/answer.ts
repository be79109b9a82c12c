import { type IncomingMessage, type OutgoingHttpHeaders, ServerResponse } from 'node:http'
import type { FastifyReply } from 'fastify'

/**
 * An answer with what the headers of every answer hold. They go out past Fastify, whose headers are looked up by name one by one: for eight
 * of them that is a tenth of a call.
 */
export class Answer<Request extends IncomingMessage = IncomingMessage> extends ServerResponse<Request> {
  /** Names, in lower case, and values by turns. What a handler sets of the same name goes out instead. */
  readonly common: string[] = []
  /** Told of the status once it is settled: sooner than Fastify's own hook, which listens for the end of the stream. */
  watch: ((status: number) => void) | undefined

  override writeHead(status: number, ...given: unknown[]): this {
    const own = (given.at(-1) ?? {}) as OutgoingHttpHeaders
    const headers: unknown[] = []
    for (const name of Object.keys(own)) headers.push(name, own[name])
    for (let index = 0; index < this.common.length; index += 2) {
      const name = this.common[index] as string
      if (own[name] === undefined && !this.hasHeader(name)) headers.push(name, this.common[index + 1])
    }
    super.writeHead(status, headers as string[])
    this.watch?.(status)
    return this
  }
}

export const answerTo = (reply: FastifyReply): Answer => reply.raw as Answer
