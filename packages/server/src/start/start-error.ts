/** Why a start cannot go on, in a sentence that says what to do about it. */
export class StartError extends Error {
  override name = 'StartError'
}
