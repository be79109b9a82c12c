import { LRUCache } from 'lru-cache'
import type { Accounts } from '../accounts/accounts.js'
import { STREAM_URL } from '../accounts/hooks.js'
import type { ListenerKey } from '../accounts/listeners.js'
import type { Hook, HookDirectory } from './hook-directory.js'
import { secretBytes } from './send/signing.js'

/** Milliseconds that a view of a hook may be old which another process changed. */
const FRESH_MS = 1_000

/** The hooks of the database. An active hook is read at most once a second, however many attempts ask for it. */
export class StoredHooks implements HookDirectory {
  readonly #accounts: Pick<Accounts, 'findHookFor'>
  readonly #cache: LRUCache<string, { hook: Promise<Hook | null> }>

  constructor(accounts: Pick<Accounts, 'findHookFor'>) {
    this.#accounts = accounts
    this.#cache = new LRUCache({ max: 10_000, ttl: FRESH_MS })
  }

  find(organisationId: string, listener: string, category: string, subcategory: string): Promise<Hook | null> {
    const key = `${organisationId} ${listener} ${category} ${subcategory}`
    const known = this.#cache.get(key)
    if (known) return known.hook
    const hook = this.#read({ organisationId, listener }, category, subcategory)
    this.#cache.set(key, { hook })
    // one that is not there may be registered the next moment, and one that is disabled may be enabled: what waits for it
    // must not be cancelled, nor rest for an hour
    hook.then(
      (found) => found?.status === 'active' || this.#cache.delete(key),
      () => this.#cache.delete(key),
    )
    return hook
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
