import { type IncomingMessage, type OutgoingHttpHeaders, ServerResponse } from 'node:http'
import type { FastifyReply } from 'fastify'

/** Node's own writer of a head, which its types do not have: it begins the head with the first line as it is given. */
const { _storeHeader: storeHeader } = ServerResponse.prototype as unknown as {
  _storeHeader(this: ServerResponse, firstLine: string, headers: unknown): void
}

/**
 * An answer with what the headers of every answer hold. They go out past Fastify, which looks its headers up by name one by one, and past
 * Node, which looks for forbidden characters in each: for eight of them that is felt in every call.
 */
export class Answer<Request extends IncomingMessage = IncomingMessage> extends ServerResponse<Request> {
  /**
   * Names, in lower case, and values by turns; no value may come from a caller, since nobody looks for line breaks in it. What a handler
   * sets of the same name goes out instead.
   */
  readonly common: string[] = []
  /** Told of the status once it is settled: sooner than Fastify's own hook, which listens for the end of the stream. */
  watch: ((status: number) => void) | undefined
  #commonLines = ''

  override writeHead(status: number, ...given: unknown[]): this {
    const own = (given.at(-1) ?? {}) as OutgoingHttpHeaders
    let lines = ''
    for (let index = 0; index < this.common.length; index += 2) {
      const name = this.common[index] as string
      if (own[name] === undefined && !this.hasHeader(name)) lines += `${name}: ${this.common[index + 1]}\r\n`
    }
    this.#commonLines = lines
    super.writeHead(status, ...(given as [OutgoingHttpHeaders]))
    this.watch?.(status)
    return this
  }

  _storeHeader(firstLine: string, headers: unknown): void {
    storeHeader.call(this, firstLine + this.#commonLines, headers)
  }
}

export const answerTo = (reply: FastifyReply): Answer => reply.raw as Answer
