import type pg from 'pg'
import { type Listening, listen } from '../../database/notifications.js'

const CHANNEL = 'tract_signals'

/** Comes from any process that notifies its name. */
export class Signal {
  #hasCome = false
  #isReplaced = false
  #wake: (() => void) | undefined

  /** A newer signal has its name now. */
  get isReplaced(): boolean {
    return this.#isReplaced
  }

  notify(): void {
    this.#hasCome = true
    this.#wake?.()
  }

  replace(): void {
    this.#isReplaced = true
    this.notify()
  }

  /** Resolves when it comes, or has come since the last wait, or when the time is over. */
  async wait(ms: number): Promise<void> {
    if (!this.#hasCome)
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, ms)
        this.#wake = () => {
          clearTimeout(timer)
          resolve()
        }
      })
    this.#wake = undefined
    this.#hasCome = false
  }
}

/**
 * Wakes waits for rows that another process writes. A notification may be lost, so a wait also looks by itself now and then.
 * The connection that hears other processes is opened with the first signal: most processes never need it.
 */
export class Signals {
  readonly #pool: pg.Pool
  readonly #onError: (error: unknown) => void
  readonly #open = new Map<string, Signal>()
  #listening: Promise<Listening | undefined> | undefined

  constructor(pool: pg.Pool, onError: (error: unknown) => void) {
    this.#pool = pool
    this.#onError = onError
  }

  /** To be called before the first look at the rows. A process has one signal of a name: the newest. */
  async open(name: string): Promise<Signal> {
    this.#listening ??= this.#listen()
    await this.#listening
    this.#open.get(name)?.replace()
    const signal = new Signal()
    this.#open.set(name, signal)
    return signal
  }

  drop(name: string, signal: Signal): void {
    if (this.#open.get(name) === signal) this.#open.delete(name)
  }

  /** After the commit of the rows. */
  async notify(names: readonly string[]): Promise<void> {
    try {
      await this.#pool.query({
        name: 'signals_notify',
        text: 'select pg_notify($1, name) from unnest($2::text[]) name',
        values: [CHANNEL, names],
      })
    } catch (error) {
      this.#onError(error)
    }
  }

  /** In this process only. */
  notifyAll(): void {
    for (const signal of this.#open.values()) signal.notify()
  }

  async close(): Promise<void> {
    await (await this.#listening)?.close()
  }

  async #listen(): Promise<Listening | undefined> {
    try {
      return await listen(this.#pool, {
        channels: { [CHANNEL]: (name) => this.#open.get(name)?.notify() },
        onMissed: () => this.notifyAll(),
        onError: this.#onError,
      })
    } catch (error) {
      this.#onError(error)
      // tried again with the next signal
      this.#listening = undefined
      return undefined
    }
  }
}
