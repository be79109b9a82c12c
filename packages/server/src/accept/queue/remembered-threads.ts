/**
 * Threads as this process last wrote them, with their lanes. Another process, or another call of this one, may have
 * written a thread since: what is worked out on a remembered thread holds only if its version, and that of its
 * organisation, are still those in the database.
 *
 * A thread is forgotten when it is recalled, and kept again once what was worked out on it is written.
 */
import { isDeepStrictEqual } from 'node:util'
import { LRUCache } from 'lru-cache'
import type { Organisations } from '../../accounts/organisations.js'
import type { Lane } from '../../lanes/lanes.js'
import { nameOf } from '../../lanes/user-key.js'
import type { Thread } from '../../threads/types.js'
import { ThreadSession } from '../thread-session.js'
import type { StoredThread } from '../threads.js'

/** Some KiB each, with their lanes. */
const MOST_THREADS = 20_000

interface Remembered {
  stored: StoredThread
  lanes: ReadonlyMap<string, Lane>
}

export class RememberedThreads {
  readonly #organisations: Organisations
  readonly #threads = new LRUCache<string, Remembered>({ max: MOST_THREADS })

  constructor(organisations: Organisations) {
    this.#organisations = organisations
  }

  recall(name: string, now: Date): ThreadSession | undefined {
    const remembered = this.#threads.get(name)
    if (remembered === undefined) return undefined
    this.#threads.delete(name)
    const { stored, lanes } = remembered
    const organisation = this.#organisations.cached(stored.key.organisationId)
    if (organisation?.configVersion !== stored.configVersion) return undefined
    return new ThreadSession({ before: stored, organisation, lanes }, { client: null, now, traceparent: null })
  }

  /** After the messages of the session were appended, which leaves the timer as it was. */
  keepAppended(session: ThreadSession, lanes: ReadonlyMap<string, Lane>): void {
    const { version, thread } = session.before
    this.#keep(session, { version: version + 1, thread: { ...session.thread, deadlineAt: thread.deadlineAt } }, lanes)
  }

  /** After the session was written under its lock. */
  keepWritten(session: ThreadSession, lanes: ReadonlyMap<string, Lane>): void {
    const { version, userIsCurrent } = session.before
    // The user may be older than the thread, and what a listener calls it was written beside the lanes that are known
    // here.
    if (!userIsCurrent || session.outbox.learned.size > 0) return
    this.#keep(session, { version: version + (session.isUnchanged ? 0 : 1), thread: session.thread }, lanes)
  }

  #keep(
    session: ThreadSession,
    written: Pick<StoredThread, 'version' | 'thread'>,
    lanes: ReadonlyMap<string, Lane>,
  ): void {
    const { lastMessageId } = session.changes
    const stored = { ...session.before, lastMessageId, ...written }
    this.#threads.set(nameOf(session.key), { stored, lanes })
  }
}

/**
 * Whether only messages came of the session, to listeners that know the user. A timer that a message puts off may stay
 * as it is: when it runs out, it finds nothing to do and is set again.
 */
export function isAppendOnly({ before: { thread: before }, thread, changes, outbox }: ThreadSession): boolean {
  return (
    changes.messages.length > 0 &&
    changes.events.length === 0 &&
    outbox.learned.size === 0 &&
    outbox.isForKnownOnly &&
    before.deadlineAt !== null &&
    thread.deadlineAt !== null &&
    before.deadlineAt <= thread.deadlineAt &&
    FOLLOWED.every((field) => isDeepStrictEqual(thread[field], before[field]))
  )
}

type Followed = Exclude<keyof Thread, 'lastActivityAt' | 'deadlineAt'>

/** All of a thread but what every message moves on. */
const FOLLOWED = Object.keys({
  owner: true,
  epoch: true,
  conversationNumber: true,
  conversationState: true,
  pendingRequest: true,
  offer: true,
  offerNumber: true,
  memory: true,
} satisfies Record<Followed, true>) as Followed[]
