import { LRUCache } from 'lru-cache'
import type { Accounts } from '../accounts/accounts.js'
import { STREAM_URL } from '../accounts/hooks.js'
import type { ListenerKey } from '../accounts/listeners.js'
import type { Hook, HookDirectory } from './hook-directory.js'
import { secretBytes } from './send/signing.js'

/** Milliseconds that a view of a hook may be old which another process changed. */
const FRESH_MS = 1_000
/** Milliseconds after which one that is asked for is read again beside the attempts: none of them waits for that. */
const RENEWED_AFTER_MS = 500

interface Known {
  hook: Promise<Hook | null>
  /** When the database was asked. */
  readAt: number
  isRenewed: boolean
}

/** The hooks of the database. An active hook is read at most twice a second, however many attempts ask for it. */
export class StoredHooks implements HookDirectory {
  readonly #accounts: Pick<Accounts, 'findHookFor'>
  readonly #cache: LRUCache<string, Known>
  readonly #now: () => number

  /** @param now milliseconds, of a clock that only goes forward */
  constructor(accounts: Pick<Accounts, 'findHookFor'>, now: () => number = () => performance.now()) {
    this.#accounts = accounts
    this.#now = now
    this.#cache = new LRUCache({ max: 10_000 })
  }

  find(organisationId: string, listener: string, category: string, subcategory: string): Promise<Hook | null> {
    const key = `${organisationId} ${listener} ${category} ${subcategory}`
    const known = this.#cache.get(key)
    const age = known ? this.#now() - known.readAt : Number.POSITIVE_INFINITY
    if (known && age <= RENEWED_AFTER_MS) return known.hook
    const read = () => this.#read({ organisationId, listener }, category, subcategory)
    if (!known || age > FRESH_MS) return this.#keep(key, read)
    if (!known.isRenewed) void this.#renew(key, known, read)
    return known.hook
  }

  #keep(key: string, read: () => Promise<Hook | null>): Promise<Hook | null> {
    const known = { hook: read(), readAt: this.#now(), isRenewed: false }
    this.#cache.set(key, known)
    // one that is not there may be registered the next moment, and one that is disabled may be enabled: what waits for it
    // must not be cancelled, nor rest for an hour
    known.hook.then(
      (found) => found?.status === 'active' || this.#drop(key, known),
      () => this.#drop(key, known),
    )
    return known.hook
  }

  /** Where it fails, the hook is read again once it is too old. */
  async #renew(key: string, known: Known, read: () => Promise<Hook | null>): Promise<void> {
    known.isRenewed = true
    // behind the attempts of this turn
    await new Promise(setImmediate)
    const readAt = this.#now()
    const hook = read()
    const found = await hook.catch(() => undefined)
    if (found === undefined) return
    if (found?.status !== 'active') this.#drop(key, known)
    // what was forgotten since was changed since
    else if (this.#cache.peek(key) === known) this.#cache.set(key, { hook, readAt, isRenewed: false })
  }

  #drop(key: string, known: Known): void {
    if (this.#cache.peek(key) === known) this.#cache.delete(key)
  }

  /** After this process changed a hook. */
  forget(): void {
    this.#cache.clear()
  }

  async #read(owner: ListenerKey, category: string, subcategory: string): Promise<Hook | null> {
    const hook = await this.#accounts.findHookFor(owner, category, subcategory)
    if (!hook) return null
    return {
      ...hook,
      secrets: hook.secrets.map(secretBytes),
      ...(hook.url === STREAM_URL && { stream: { ...owner, category, subcategory } }),
    }
  }
}
