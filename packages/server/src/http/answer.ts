import { type IncomingMessage, type OutgoingHttpHeaders, ServerResponse } from 'node:http'
import type { FastifyReply } from 'fastify'

/**
 * An answer with what the headers of every answer hold. They join the head as it is written, past Fastify, which looks its headers up
 * by name one by one: for eight of them that is felt in every call.
 */
export class Answer<Request extends IncomingMessage = IncomingMessage> extends ServerResponse<Request> {
  /** Names, in lower case, and values by turns. What a handler sets of the same name goes out instead. */
  readonly common: string[] = []
  /** Told of the status once it is settled: sooner than Fastify's own hook, which listens for the end of the stream. */
  watch: ((status: number) => void) | undefined

  override writeHead(status: number, ...given: unknown[]): this {
    const headers = (typeof given.at(-1) === 'object' ? given.pop() : {}) as OutgoingHttpHeaders
    for (let index = 0; index < this.common.length; index += 2) {
      const name = this.common[index] as string
      if (headers[name] === undefined && !this.hasHeader(name)) headers[name] = this.common[index + 1]
    }
    super.writeHead(status, ...(given as [string]), headers)
    this.watch?.(status)
    return this
  }
}

export const answerTo = (reply: FastifyReply): Answer => reply.raw as Answer
