import { setTimeout as sleep } from 'node:timers/promises'
import type pg from 'pg'
import { isUnavailable } from '../database/database.js'
import { faultPoint } from '../database/fault-points.js'
import type { Queryable } from '../database/queryable.js'
import { FIRST_ID, idAt } from '../database/time-ordered-id.js'
import { forgetLanes } from './forget-lanes.js'
import { Repeated } from './repeated.js'
import {
  bucketsToPrune,
  type DeliveryPlace,
  FIRST_USER,
  forgetErased,
  markPruned,
  nextOrganisation,
  pruneDeliveries,
  pruneUsers,
  pruneWords,
  type UserPlace,
} from './retention-rows.js'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

/** Times in milliseconds. */
export interface RetentionSettings {
  /** History older than this goes. */
  keep: number
  /** How often each bucket is gone through. */
  round: number
  /** How often to look whether one is due. */
  look: number
  /** Rows of one table that a statement removes at most, and users that it looks at. */
  rows: number
  users: number
}

export const RETENTION_SETTINGS: Omit<RetentionSettings, 'keep'> = {
  round: 6 * HOUR,
  look: MINUTE,
  rows: 500,
  users: 100,
}

/**
 * After each step it rests this many times as long as the step: the database is left alone for three quarters of the
 * time.
 */
const REST = 3

export interface RetentionParts {
  db: Queryable
  /** For what takes a transaction. */
  pool: pg.Pool
  /** The buckets that are this process's own. */
  buckets: () => ReadonlySet<number>
  settings: RetentionSettings
  onError: (error: unknown) => void
}

/**
 * Removes old history: deliveries that have ended, with their attempts, and messages and events. Each process goes
 * through its own buckets, in small steps with rests between them.
 *
 * A bucket is due once a `round`. Its deliveries are pruned first, then its users' messages and events, and what was kept of
 * erased users; then it is marked. A step is one statement that commits by itself: repeated, it finds nothing to do. A bucket that was not
 * finished is begun again by the process that serves it then.
 */
export class Retention {
  readonly #parts: RetentionParts
  readonly #repeated = new Repeated()

  constructor(parts: RetentionParts) {
    this.#parts = parts
  }

  start(): void {
    const { settings, onError } = this.#parts
    this.#repeated.start({ every: settings.look, work: (signal) => this.#look(signal), onError })
  }

  stop(): Promise<void> {
    return this.#repeated.stop()
  }

  async #look(signal: AbortSignal): Promise<void> {
    const { db, buckets, settings, onError } = this.#parts
    const since = new Date(Date.now() - settings.round)
    for (const bucket of await bucketsToPrune(db, [...buckets()], since)) {
      if (signal.aborted) return
      try {
        const before = new Date(Date.now() - settings.keep)
        const isThrough =
          (await this.#pruneDeliveries(bucket, before, signal)) &&
          (await this.#pruneUsers(bucket, before, signal)) &&
          (await this.#forgetErased(bucket, before, signal))
        if (isThrough) await markPruned(db, bucket, new Date())
      } catch (error) {
        if (isUnavailable(error)) throw error
        // one bucket does not keep the others from being pruned
        onError(error)
      }
    }
  }

  /** @returns whether it came to the end */
  async #pruneDeliveries(bucket: number, before: Date, signal: AbortSignal): Promise<boolean> {
    const { db, pool, settings } = this.#parts
    let organisationId = await nextOrganisation(db, bucket, FIRST_ID)
    while (organisationId !== null) {
      let after: string | null = FIRST_ID
      while (after !== null) {
        if (!this.#mayGoOn(bucket, signal)) return false
        const place: DeliveryPlace = { bucket, organisationId, after }
        await step(signal, () => forgetLanes(pool, place, idAt(before.getTime()), settings.rows))
        after = (await step(signal, () => pruneDeliveries(db, place, before, settings.rows))).next
      }
      organisationId = await nextOrganisation(db, bucket, organisationId)
    }
    return true
  }

  /** @returns whether it came to the end */
  async #pruneUsers(bucket: number, before: Date, signal: AbortSignal): Promise<boolean> {
    const { db, settings } = this.#parts
    const limits = { users: settings.users, rows: settings.rows }
    let after: UserPlace | null = { bucket, ...FIRST_USER }
    while (after !== null) {
      if (!this.#mayGoOn(bucket, signal)) return false
      const place: UserPlace = after
      after = (await step(signal, () => pruneUsers(db, place, before, limits))).next
      await step(signal, () => pruneWords(db, place, settings.users))
    }
    return true
  }

  /** @returns whether it came to the end */
  async #forgetErased(bucket: number, before: Date, signal: AbortSignal): Promise<boolean> {
    const { db, settings } = this.#parts
    for (let isMore = true; isMore; ) {
      if (!this.#mayGoOn(bucket, signal)) return false
      isMore = await step(signal, () => forgetErased(db, bucket, before, settings.rows))
    }
    return true
  }

  #mayGoOn(bucket: number, signal: AbortSignal): boolean {
    return !signal.aborted && this.#parts.buckets().has(bucket)
  }
}

async function step<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  const began = performance.now()
  const result = await work()
  faultPoint('retention.after-step')
  await sleep(REST * (performance.now() - began), undefined, { signal }).catch(() => {})
  return result
}
