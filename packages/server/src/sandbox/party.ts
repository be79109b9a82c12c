import { ConflictError, NotFoundError, type Tract } from '@tract/client'
import { createHookReceiver, type HookHandlers, type HookReceiver } from '@tract/client/webhooks'

/** A party has 5 s to answer a delivery: what it does about one is over by then, and is tried again with the next attempt. */
export const PATIENCE = { timeout: 2_000, totalTimeout: 4_000, maxRetries: 1 }

/** One of the sandbox's listeners: takes what its hooks receive, as a vendor's program does. */
export class Party {
  readonly receiver: HookReceiver
  readonly #secrets: string[] = []
  readonly #names: string[]

  constructor(
    readonly tract: Pick<Tract, 'hooks' | 'close'>,
    handlers: HookHandlers,
    onError: (error: unknown) => void,
  ) {
    this.#names = Object.keys(handlers)
    this.receiver = createHookReceiver({ secrets: () => this.#secrets, handlers, onError })
  }

  /** Has its hooks at this address from now on, also those that were elsewhere or had been disabled. */
  async register(url: string): Promise<void> {
    for (const name of this.#names) {
      const [category = '', subcategory = ''] = name.split('.')
      const { id, status, signing_secret } = await this.tract.hooks.register({ category, subcategory, url })
      const secret = signing_secret ?? (await this.tract.hooks.rotateSecret({ id })).signing_secret
      if (secret === undefined) throw new Error(`the hook ${name} has no signing secret`)
      this.#secrets.push(secret)
      if (status === 'disabled') await this.tract.hooks.enable({ id })
    }
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
