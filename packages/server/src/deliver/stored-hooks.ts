import { LRUCache } from 'lru-cache'
import { findHook, presentSecrets } from '../accounts/hooks.js'
import type { Prisma } from '../accounts/prisma.js'
import type { SecretBox } from '../database/secret-box.js'
import type { Hook, HookDirectory } from './hook-directory.js'
import { secretBytes } from './send/signing.js'
import { STREAM_URL } from './streams/hook-stream-rows.js'

/** How old a view of a hook may be that another process changed. */
const FRESH_MS = 1_000

/** The hooks of the database. A hook is read at most once a second, however many attempts ask for it. */
export class StoredHooks implements HookDirectory {
  readonly #prisma: Prisma
  readonly #box: SecretBox
  readonly #cache: LRUCache<string, { hook: Promise<Hook | null> }>

  constructor(prisma: Prisma, box: SecretBox) {
    this.#prisma = prisma
    this.#box = box
    this.#cache = new LRUCache({ max: 10_000, ttl: FRESH_MS })
  }

  find(organisationId: string, listener: string, category: string, subcategory: string): Promise<Hook | null> {
    const key = `${organisationId} ${listener} ${category} ${subcategory}`
    const known = this.#cache.get(key)
    if (known) return known.hook
    const hook = this.#read({ organisation_id: organisationId, listener_id: listener, category, subcategory })
    this.#cache.set(key, { hook })
    // a hook that is not there may be registered the next moment, by another process: its deliveries must not be cancelled
    hook.then(
      (found) => found ?? this.#cache.delete(key),
      () => this.#cache.delete(key),
    )
    return hook
  }

  /** After this process changed a hook. */
  forget(): void {
    this.#cache.clear()
  }

  async #read(name: Parameters<typeof findHook>[1]): Promise<Hook | null> {
    const hook = await findHook(this.#prisma, name)
    if (!hook) return null
    const secrets = presentSecrets(this.#box, hook, new Date()).map(secretBytes)
    const { organisation_id: organisationId, listener_id: listener, category, subcategory } = name
    return {
      id: hook.id,
      url: hook.url,
      status: hook.status,
      secrets,
      failingSince: hook.failing_since,
      failingMs: hook.failing_seconds * 1000,
      ...(hook.url === STREAM_URL && { stream: { organisationId, listener, category, subcategory } }),
    }
  }
}
