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
}

/** What a call sends. */
export interface Input {
  readonly body?: object
  readonly query?: object
}
