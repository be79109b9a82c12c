import { setTimeout as delay } from 'node:timers/promises'
import type pg from 'pg'
import { faultPoint } from '../database/fault-points.js'
import { type Listening, listen } from '../database/notifications.js'
import { type LaneHolder, type LaneOffer, offerTo } from './offer.js'

const CHANNEL = 'tract_deliveries'
/** The payload that asks dispatchers to share the buckets out again. */
const SHARE = 'share'
/** Many buckets in one notification, because every process pays for every notification. */
const BUCKETS = /^\d{1,3}( \d{1,3})*$/
/** Between one statement and the next. The first after a pause goes without delay. */
const PAUSE_MS = 5

export interface WakeupHandlers {
  /** The bucket may have something due. @returns whether this process serves it, so that no other has to be told */
  bucket(bucket: number): boolean
  /** What waits for this listener is to be tried now. */
  listener(organisationId: string, listener: string): void
  /** A process came or went: the shares of buckets have changed. */
  share(): void
  /** Notifications may have been missed. */
  missed(): void
  /** Works on lanes that are handed over. */
  lanes: LaneHolder
}

/**
 * Tells dispatchers, after a commit, that there is something to do: the one of this process in memory, the others by
 * NOTIFY, outside of the transaction: commits with a NOTIFY queue for one lock. Dispatchers also poll.
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
      onMissed: () => handlers.missed(),
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

  /** After a commit that enqueued deliveries in this bucket, or made deliveries due. */
  wake(bucket: number): void {
    if (this.#handlers?.bucket(bucket)) return
    this.#buckets.add(bucket)
    this.#sending ??= this.#send()
  }

  /** After what waits for a listener was made due by hand: every process lifts its own reserve against the endpoint. */
  wakeListener(organisationId: string, listener: string): void {
    this.#handlers?.listener(organisationId, listener)
    this.tellOthers(organisationId, listener)
  }

  /** What waits for a listener is worth trying in other processes too. */
  tellOthers(organisationId: string, listener: string): void {
    this.#announce(`${organisationId} ${listener}`)
  }

  /** This process came, or released buckets. It hears itself too. */
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

  /** One statement at a time. What comes in during one goes with the next. */
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
