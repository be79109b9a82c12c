/** Why there is no server here, in a sentence that says what to do about it. */
export class UnusableError extends Error {
  override name = 'UnusableError'
  readonly code = 'unusable'
}
