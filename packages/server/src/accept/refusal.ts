import type { KnownErrorCode } from '@tract/contract'

export interface Issue {
  path: string
  message: string
}

/** A call that is answered with an error of the contract's table. Nothing of it is stored. */
export class Refusal extends Error {
  constructor(
    readonly code: KnownErrorCode,
    message: string,
    readonly issues?: Issue[],
  ) {
    super(message)
    this.name = 'Refusal'
  }
}

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
