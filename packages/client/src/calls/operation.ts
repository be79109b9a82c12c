import type { RequestBody } from '../transport/transport.js'

/** What the generated methods say of an operation. */
export interface Operation {
  /** The method of the SDK, such as `messages.send`. */
  readonly name: string
  readonly method: 'GET' | 'POST'
  readonly path: string
  /** May it be repeated after a failure that leaves open whether it took effect: always, with an idempotency key, or not at all? */
  readonly repeat: 'always' | 'with key' | 'never'
  /** Without a token. */
  readonly public?: true
  /** What it answers is no JSON, and left as the stream of bytes that it is. */
  readonly streams?: true
}

/** A body that is no JSON. */
export interface RawBody {
  readonly contentType: string
  /** Made for every attempt. */
  readonly body: () => RequestBody | Promise<RequestBody>
  /** Was some of it read already, so that it cannot be made once more? */
  readonly isSpent?: () => boolean
}

/** What a call sends. */
export interface Input {
  readonly body?: object
  readonly query?: object
  readonly raw?: RawBody
}
