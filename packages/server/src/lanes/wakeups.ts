import { setTimeout as delay } from 'node:timers/promises'
import type pg from 'pg'
import { faultPoint } from '../database/fault-points.js'
import { type Listening, listen } from '../database/notifications.js'
import { type LaneHolder, type LaneOffer, offerTo } from './offer.js'

const CHANNEL = 'tract_deliveries'
/** What is said on it when the buckets are to be shared out anew. */
const SHARE = 'share'
/** Buckets, many in one notification: what a notification costs, it costs at every process. */
const BUCKETS = /^\d{1,3}( \d{1,3})*$/
/** Between one statement and the next; what comes alone goes at once. */
const PAUSE_MS = 5

export interface WakeupHandlers {
  /** The bucket may have something due. @returns whether this process will see to it, so that no other need be told */
  bucket(bucket: number): boolean
  /** Somebody wants what waits for this listener to be tried now. */
  listener(organisationId: string, listener: string): void
  /** A process came or went: buckets are to be taken, or given. */
  share(): void
  /** Notifications may have been missed. */
  gap(): void
  /** Works on lanes that are handed over. */
  lanes: LaneHolder
}

/**
 * Tells dispatchers, after a commit, that there is something to do: the one of this process in memory, the others by NOTIFY. Nothing is
 * lost with a wakeup, since dispatchers also poll. NOTIFY is never part of the accepting transaction: commits with it queue for one lock.
 */
export class Wakeups {
  readonly #pool: pg.Pool
  readonly #onError: (error: unknown) => void
  #handlers: WakeupHandlers | undefined
  #listening: Listening | undefined
  readonly #buckets = new Set<number>()
  readonly #outgoing = new Set<string>()
  #sending: Promise<void> | undefined

  constructor(pool: pg.Pool, onError: (error: unknown) => void) {
    this.#pool = pool
    this.#onError = onError
  }

  /** Begins to hear other processes. One dispatcher in each process. */
  async subscribe(handlers: WakeupHandlers): Promise<void> {
    this.#handlers = handlers
    this.#listening = await listen(this.#pool, {
      channels: { [CHANNEL]: (payload) => this.#hear(payload) },
      onGap: () => handlers.gap(),
      onError: this.#onError,
    })
  }

  async unsubscribe(): Promise<void> {
    this.#handlers = undefined
    await this.#listening?.close()
    this.#listening = undefined
  }

  /** For a statement that enqueues: the dispatcher of this process may have the lanes that were idle. */
  offer(now: Date): LaneOffer {
    return offerTo(this.#handlers?.lanes, now)
  }

  /** After a commit that enqueued deliveries in this bucket, or made some due. */
  wake(bucket: number): void {
    if (this.#handlers?.bucket(bucket)) return
    this.#buckets.add(bucket)
    this.#sending ??= this.#send()
  }

  /** After what waits for a listener was made due by hand: every process lifts its own reserve against the endpoint. */
  wakeListener(organisationId: string, listener: string): void {
    this.#handlers?.listener(organisationId, listener)
    this.#announce(`${organisationId} ${listener}`)
  }

  /** A process came, or gave buckets away. It hears itself too. */
  announceShare(): void {
    this.#announce(SHARE)
  }

  #hear(payload: string): void {
    if (BUCKETS.test(payload)) {
      for (const bucket of payload.split(' ')) this.#handlers?.bucket(Number(bucket))
      return
    }
    if (payload === SHARE) {
      this.#handlers?.share()
      return
    }
    const space = payload.indexOf(' ')
    if (space > 0) this.#handlers?.listener(payload.slice(0, space), payload.slice(space + 1))
  }

  #announce(payload: string): void {
    this.#outgoing.add(payload)
    this.#sending ??= this.#send()
  }

  /** One statement at a time: what comes in meanwhile goes together with the next. */
  async #send(): Promise<void> {
    await new Promise(setImmediate)
    while (this.#outgoing.size + this.#buckets.size > 0) {
      const payloads = [...this.#outgoing, ...(this.#buckets.size > 0 ? [[...this.#buckets].join(' ')] : [])]
      this.#outgoing.clear()
      this.#buckets.clear()
      try {
        faultPoint('wakeup.before-notify')
        await this.#pool.query({
          name: 'deliveries_notify',
          text: 'select pg_notify($1, payload) from unnest($2::text[]) payload',
          values: [CHANNEL, payloads],
        })
      } catch (error) {
        this.#onError(error)
      }
      await delay(PAUSE_MS)
    }
    this.#sending = undefined
  }
}
