import type { Issue } from './refusal.js'

/** What is wrong with a `message_body`, to go on after "The message is ". A text as a whole is no element that could be valid. */
export function faultOf(issues: readonly Issue[]): string {
  const what = issues.every(({ path }) => path.endsWith('/message_body')) ? 'not accepted' : 'no valid HSL'
  return `${what} at ${issues.map(({ path, message }) => `${path}: ${message}`).join('; ')}`
}
