import { LRUCache } from 'lru-cache'
import type { Organisations } from '../accounts/organisations.js'
import type { Lane } from '../lanes/lanes.js'
import type { UserKey } from '../lanes/user-key.js'
import { ThreadSession } from './thread-session.js'
import type { LockedThread } from './threads.js'

const MOST_THREADS = 20_000

interface Remembered {
  locked: LockedThread
  lanes: ReadonlyMap<string, Lane>
}

/**
 * Threads as this process last wrote them. Another process, or another call of this one, may have written them since: what is worked out on
 * a remembered thread holds only if its version is still the one in the database when it is written.
 */
export class RememberedThreads {
  readonly #organisations: Organisations
  readonly #threads = new LRUCache<string, Remembered>({ max: MOST_THREADS })

  constructor(organisations: Organisations) {
    this.#organisations = organisations
  }

  /** A session on what is remembered, which is forgotten with that: `keep` what became of it. */
  take(name: string, now: Date): ThreadSession | undefined {
    const remembered = this.#threads.get(name)
    if (remembered === undefined) return undefined
    this.#threads.delete(name)
    const { locked, lanes } = remembered
    const organisation = this.#organisations.cached(locked.key.organisationId)
    if (organisation?.configVersion !== locked.configVersion) return undefined
    return new ThreadSession({ client: null, now, traceparent: null }, locked, organisation, lanes)
  }

  keep(name: string, locked: LockedThread, lanes: ReadonlyMap<string, Lane>): void {
    this.#threads.set(name, { locked, lanes })
  }
}

/** One user in one string. */
export const nameOf = (
  { organisationId }: Pick<UserKey, 'organisationId'>,
  { userId }: Pick<UserKey, 'userId'>,
): string => `${organisationId} ${userId}`
