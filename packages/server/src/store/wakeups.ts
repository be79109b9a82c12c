import type pg from 'pg'
import { faultPoint } from './fault-points.js'
import { type Listening, listen } from './notifications.js'

const CHANNEL = 'tract_deliveries'
/** What is said on it when the buckets are to be shared out anew. */
const SHARE = 'share'

export interface WakeupHandlers {
  /** The bucket may have something due. @returns whether this process will see to it, so that no other need be told */
  bucket(bucket: number): boolean
  /** Somebody wants what waits for this listener to be tried now. */
  listener(organisationId: string, listener: string): void
  /** A process came or went: buckets are to be taken, or given. */
  share(): void
  /** Notifications may have been missed. */
  gap(): void
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

  /** After a commit that enqueued deliveries in this bucket, or made some due. */
  wake(bucket: number): void {
    if (!this.#handlers?.bucket(bucket)) this.#announce(String(bucket))
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

  /** Resolves when everything announced so far is on its way. */
  async flushed(): Promise<void> {
    await this.#sending
  }

  #hear(payload: string): void {
    if (/^\d{1,3}$/.test(payload)) {
      this.#handlers?.bucket(Number(payload))
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
    while (this.#outgoing.size > 0) {
      const payloads = [...this.#outgoing]
      this.#outgoing.clear()
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
    }
    this.#sending = undefined
  }
}
