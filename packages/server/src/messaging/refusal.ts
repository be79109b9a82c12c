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
