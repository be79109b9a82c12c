import type { KnownErrorCode } from '@tract/contract'
import type { Refusal as ThreadRefusal } from '../threads/types.js'

export interface Issue {
  path: string
  message: string
}

/** How the thread stands that a call was refused on, as the answer has it. */
export interface Standing {
  owner: string | null
  /** Left out where there was none. */
  conversation_number?: string
  epoch: number
}

/** A call that is answered with an error of the contract's table. Nothing of it is stored. */
export class Refusal extends Error {
  constructor(
    readonly code: KnownErrorCode,
    message: string,
    readonly issues?: Issue[],
    readonly standing?: Standing,
  ) {
    super(message)
    this.name = 'Refusal'
  }
}

/** What thread control refuses, as the refusal of the call. */
export const refusalOf = ({ code, message, owner, conversationNumber, epoch }: ThreadRefusal): Refusal =>
  new Refusal(code as KnownErrorCode, message, undefined, {
    owner,
    ...(conversationNumber > 0 && { conversation_number: String(conversationNumber) }),
    epoch,
  })

/**
 * A call that waited for too long, or whose caller has gone: nothing was begun. Unlike a refusal, it is not kept with a
 * key.
 */
export class NotBegun extends Error {
  constructor(readonly reason: 'too_late' | 'caller_gone') {
    super('The call was not begun.')
    this.name = 'NotBegun'
  }
}

/** What is wrong with a `message_body`, to go on after "The message is ". A text as a whole is no element that could be valid. */
export function messageFault(issues: readonly Issue[]): string {
  const what = issues.every(({ path }) => path.endsWith('/message_body')) ? 'not accepted' : 'no valid HSL'
  return `${what} at ${issues.map(({ path, message }) => `${path}: ${message}`).join('; ')}`
}
