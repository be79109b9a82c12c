import { ConflictError, NotFoundError, type Tract } from '@tract/client'
import { createHookReceiver, type HookHandlers, type HookReceiver } from '@tract/client/webhooks'

/** A party has 5 s to answer a delivery: what it does about one is over by then, and is tried again with the next attempt. */
export const PATIENCE = { timeout: 2_000, totalTimeout: 4_000, maxRetries: 1 }

/** One of the sandbox's listeners: takes what its hooks receive, as a vendor's program does. */
export class Party {
  readonly receiver: HookReceiver

  constructor(
    readonly tract: Pick<Tract, 'close'>,
    handlers: HookHandlers,
    secrets: readonly string[],
    onError: (error: unknown) => void,
  ) {
    this.receiver = createHookReceiver({ secrets: [...secrets], handlers, onError })
  }
}

/** Heard, and nothing to do about it. */
export const noted = () => {}

/** What came too late, since control has moved on or the user was erased, is not tried again. */
export async function unlessTooLate(work: Promise<unknown>): Promise<void> {
  try {
    await work
  } catch (error) {
    if (!(error instanceof ConflictError || error instanceof NotFoundError)) throw error
  }
}
