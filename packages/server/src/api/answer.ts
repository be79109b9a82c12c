import { type IncomingMessage, type OutgoingHttpHeaders, ServerResponse } from 'node:http'
import type { FastifyReply } from 'fastify'

/**
 * An answer with the headers that all answers have. They are added as the head is written: Fastify would look up each of
 * the eight by name.
 */
export class Answer<Request extends IncomingMessage = IncomingMessage> extends ServerResponse<Request> {
  /** Names, in lower case, and values by turns. What a handler sets of the same name goes out instead. */
  readonly common: string[] = []
  /** Called with the status as the head is written: sooner than Fastify's hook, which waits for the end of the stream. */
  watch: ((status: number) => void) | undefined

  /** When its call was admitted, by `performance.now()`. */
  enteredAt = 0
  /** Gives the call's place to another, once: with its answer, or before where it waits for something else. */
  leave: ((took: number | 'too_late' | undefined) => void) | undefined

  override writeHead(status: number, ...given: unknown[]): this {
    const headers = (typeof given.at(-1) === 'object' ? given.pop() : {}) as OutgoingHttpHeaders
    for (let index = 0; index < this.common.length; index += 2) {
      const name = this.common[index] as string
      if (headers[name] === undefined && !this.hasHeader(name)) headers[name] = this.common[index + 1]
    }
    super.writeHead(status, ...(given as [string]), headers)
    this.watch?.(status)
    // refusals of a caller's mistakes are fast, and would make the service seem so
    this.left(status >= 400 && status < 500 ? undefined : performance.now() - this.enteredAt)
    return this
  }

  /** @param took milliseconds; see `Admission.leave` */
  left(took: number | 'too_late' | undefined): void {
    const { leave } = this
    this.leave = undefined
    leave?.(took)
  }
}

export const answerTo = (reply: FastifyReply): Answer => reply.raw as Answer
