import type { Socket } from 'node:net'

/** Of everything before the body: status line, header lines, 1xx answers. */
export const LONGEST_HEAD = 64 * 1024
const MOST_LINES = 100
/** Of what stands around the body: the lengths and extensions of chunks, trailers. */
const LONGEST_FRAME = 1024
/** The parser gets so much at a time, so that it has not gone through more than that before it is looked at again. */
const PIECE = 1024
/** How often less than a packet may come: each time costs what a tenth of an attempt does. */
const PACKET = 1024
const MOST_DRIPS = 32

const CR = 13
const LF = 10

/** An answer that is no answer to a hook. */
class AnswerBeyondBound extends Error {
  readonly code = 'ERR_ANSWER_BEYOND_BOUND'
}

/**
 * Closes a connection whose answer has too much besides its body. undici counts names and values of headers alone: 16,384
 * lines of one letter cost as much as a hundred attempts, and nothing bounds a status line, 1xx answers, white space,
 * extensions of chunks or a drip of single bytes before the attempt's time is up.
 *
 * It stands between socket and parser. States: `nothing` (was asked: what comes closes the connection), `head` (handed over
 * up to its end), `body` (handed over in pieces). It knows no HTTP but the empty line: the exchange tells it when the head
 * is over, and how much was body.
 */
export class AnswerBound {
  #socket: Socket | undefined
  #state: 'nothing' | 'head' | 'body' = 'nothing'
  /** Came, and was not handed over yet. */
  #rest: Buffer | null = null
  #drips = 0
  /** Handed over of the head; then, of what came after it. */
  #length = 0
  #lines = 0
  /** Letters of the line that the last piece ended in. */
  #begun = 0
  #body = 0

  watch(socket: Socket): void {
    const read = socket.read.bind(socket)
    this.#socket = socket
    // Node asks with a size, which is 0, whether there is more to come; undici without one.
    socket.read = (size?: number) => (size === undefined ? this.#next(read) : read(size))
  }

  /** A request goes out. */
  begin(): void {
    this.#state = 'head'
    this.#drips = 0
    this.#length = 0
    this.#lines = 0
    this.#begun = 0
    this.#body = 0
  }

  /** The head of the answer is over, and it is no 1xx. */
  headEnded(): void {
    this.#state = 'body'
    this.#length = 0
  }

  bodyRead(length: number): void {
    this.#body += length
  }

  end(): void {
    this.#state = 'nothing'
  }

  #next(read: () => Buffer | null): Buffer | null {
    const chunk = this.#rest ?? read()
    if (chunk === null) return null
    if (this.#rest === null && chunk.length < PACKET) this.#drips++
    this.#rest = null
    const why = this.#drips > MOST_DRIPS ? 'is dripping' : this.#problem()
    const length = why === null ? this.#pieceOf(chunk) : null
    if (length === null) {
      this.#socket?.destroy(new AnswerBeyondBound(`The answer ${why ?? 'has a head without end'}.`))
      return null
    }
    this.#length += length
    if (length === chunk.length) return chunk
    this.#rest = chunk.subarray(length)
    return chunk.subarray(0, length)
  }

  #problem(): string | null {
    if (this.#state === 'nothing') return 'comes where nothing was asked'
    if (this.#state === 'body' && this.#length - this.#body > LONGEST_FRAME) return 'is more frame than body'
    return null
  }

  /** @returns how much of it goes to the parser; null if that is too much */
  #pieceOf(chunk: Buffer): number | null {
    if (this.#state === 'body') return Math.min(chunk.length, PIECE)
    let from = 0
    for (let at = chunk.indexOf(LF); at >= 0; at = chunk.indexOf(LF, from)) {
      if (++this.#lines > MOST_LINES) return null
      const length = this.#begun + at - from
      const isEmpty = length === 0 || (length === 1 && (at === 0 || chunk[at - 1] === CR))
      this.#begun = 0
      from = at + 1
      // what follows is the body, or after a 1xx the next head: the parser will have said
      if (isEmpty) return this.#length + from > LONGEST_HEAD ? null : from
    }
    this.#begun += chunk.length - from
    return this.#length + chunk.length > LONGEST_HEAD ? null : chunk.length
  }
}
