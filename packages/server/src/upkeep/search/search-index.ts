/**
 * Reads messages behind the accept, so that they are found by their words: `message_words` has a row for each that was
 * read. Nothing is written for it as a message is accepted.
 *
 *   said      the accept notes in memory on which threads something was said; a moment later their messages are read
 *   sweep     goes through the threads of this process's own buckets, and has those read whose last message was not:
 *             what a process left that was killed, and all that is older than the index
 *
 * What holds: messages of a thread are read in their order, so that the last one that was read tells where to go on. After
 * each step it rests for nineteen times as long, so that it takes at most a twentieth of one connection: under more messages than
 * that, it falls behind, and comes after when there are fewer.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type pg from 'pg'
import type { SaidOn } from '../../accept/searched.js'
import { isUnavailable, transaction } from '../../database/database.js'
import type { UserKey } from '../../lanes/user-key.js'
import { Repeated } from '../repeated.js'
import { FIRST_USER, type UserPlace } from '../retention-rows.js'
import { foldNames, inhabited, readMessages, sweep } from './search-rows.js'

/** Times in milliseconds. */
export interface SearchSettings {
  /** How long a message may wait to be read. */
  lag: number
  /** How often each bucket is gone through, after the first time. */
  round: number
  /** How many times as long as a step it rests after it. */
  rest: number
}

export const SEARCH_SETTINGS: SearchSettings = { lag: 500, round: 3_600_000, rest: 19 }

/** Messages that a step reads at most, threads that it reads them from, and threads that it looks at. */
const MESSAGES = 200
const THREADS = 100
const LOOKED_AT = 500

export interface SearchParts {
  pool: pg.Pool
  /** Null: messages are not read. Names and the times of threads are kept all the same. */
  said: SaidOn | null
  /** The buckets that are this process's own. */
  buckets: () => ReadonlySet<number>
  settings: SearchSettings
  onError: (error: unknown) => void
}

export class SearchIndex {
  readonly #parts: SearchParts
  readonly #reading = new Repeated()
  readonly #sweeping = new Repeated()
  /** When each bucket was gone through. */
  #swept = new Map<number, number>()

  constructor(parts: SearchParts) {
    this.#parts = parts
  }

  start(): void {
    const { settings, said, onError } = this.#parts
    const every = settings.lag
    if (said) this.#reading.start({ every, work: (signal) => this.#readSaid(said, signal), onError })
    this.#sweeping.start({ every, work: (signal) => this.#sweepDue(signal), onError })
  }

  async stop(): Promise<void> {
    await Promise.all([this.#reading.stop(), this.#sweeping.stop()])
  }

  async #readSaid(said: SaidOn, signal: AbortSignal): Promise<void> {
    for (let keys = said.take(THREADS); keys.length > 0; keys = said.take(THREADS)) {
      try {
        await this.#read(keys, signal)
      } catch (error) {
        // the database may be away for a while: they are not lost, and one that fails is found by the sweep
        if (isUnavailable(error)) for (const key of keys) said.note(key)
        throw error
      }
      if (signal.aborted) return
    }
  }

  async #read(keys: readonly UserKey[], signal: AbortSignal): Promise<void> {
    const { pool } = this.#parts
    while (!signal.aborted) {
      const count = await this.#step(signal, () => transaction(pool, (db) => readMessages(db, keys, MESSAGES)))
      if (count < MESSAGES) return
    }
  }

  async #sweepDue(signal: AbortSignal): Promise<void> {
    const { buckets, settings, onError } = this.#parts
    const own = buckets()
    this.#swept = new Map([...this.#swept].filter(([bucket]) => own.has(bucket)))
    const looked = Date.now()
    const due = [...own].filter((bucket) => looked - (this.#swept.get(bucket) ?? 0) >= settings.round)
    if (due.length === 0) return
    const found = await inhabited(this.#parts.pool, due)
    for (const bucket of due) if (!found.includes(bucket)) this.#swept.set(bucket, looked)
    for (const bucket of found) {
      const began = Date.now()
      try {
        if (await this.#sweepBucket(bucket, signal)) this.#swept.set(bucket, began)
      } catch (error) {
        if (isUnavailable(error)) throw error
        onError(error)
      }
      if (signal.aborted) return
    }
  }

  /** @returns whether it came to the end */
  async #sweepBucket(bucket: number, signal: AbortSignal): Promise<boolean> {
    const { pool, said, buckets } = this.#parts
    let after: UserPlace | null = { bucket, ...FIRST_USER }
    while (after !== null) {
      if (signal.aborted || !buckets().has(bucket)) return false
      const place: UserPlace = after
      const { unread, unnamed, next } = await this.#step(signal, () => sweep(pool, place, LOOKED_AT))
      if (unnamed.length > 0) await this.#step(signal, () => foldNames(pool, unnamed))
      for (let from = 0; said && from < unread.length; from += THREADS) {
        await this.#read(unread.slice(from, from + THREADS), signal)
      }
      after = next
    }
    return true
  }

  async #step<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    const began = performance.now()
    const result = await work()
    const took = performance.now() - began
    await sleep(this.#parts.settings.rest * took, undefined, { signal }).catch(() => {})
    return result
  }
}
