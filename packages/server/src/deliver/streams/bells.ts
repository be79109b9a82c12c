import type pg from 'pg'
import { type Listening, listen } from '../../database/notifications.js'

const CHANNEL = 'tract_bells'

/** Rings when somebody, in whichever process, rings its name. */
export class Bell {
  #hasRung = false
  #isTaken = false
  #wake: (() => void) | undefined

  /** Another bell hangs under its name now. */
  get isTaken(): boolean {
    return this.#isTaken
  }

  ring(): void {
    this.#hasRung = true
    this.#wake?.()
  }

  take(): void {
    this.#isTaken = true
    this.ring()
  }

  /** Resolves when it rings, at once if it has rung since the last time, or when the time is over. */
  async wait(ms: number): Promise<void> {
    if (!this.#hasRung)
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, ms)
        this.#wake = () => {
          clearTimeout(timer)
          resolve()
        }
      })
    this.#wake = undefined
    this.#hasRung = false
  }
}

/**
 * Wakes those who wait for a row that another process writes. A ring may be lost, so whoever waits also looks by itself now and then. The
 * connection that hears the others is opened with the first bell: most processes never need it.
 */
export class Bells {
  readonly #pool: pg.Pool
  readonly #onError: (error: unknown) => void
  readonly #bells = new Map<string, Bell>()
  #listening: Promise<Listening | undefined> | undefined

  constructor(pool: pg.Pool, onError: (error: unknown) => void) {
    this.#pool = pool
    this.#onError = onError
  }

  /** Hangs a bell before the first look, so that nothing rings in between. There is one of a name in each process: the newest. */
  async hang(name: string): Promise<Bell> {
    this.#listening ??= this.#listen()
    await this.#listening
    this.#bells.get(name)?.take()
    const bell = new Bell()
    this.#bells.set(name, bell)
    return bell
  }

  takeDown(name: string, bell: Bell): void {
    if (this.#bells.get(name) === bell) this.#bells.delete(name)
  }

  /** After the commit of what they wait for. */
  async ring(names: readonly string[]): Promise<void> {
    try {
      await this.#pool.query({
        name: 'bells_ring',
        text: 'select pg_notify($1, name) from unnest($2::text[]) name',
        values: [CHANNEL, names],
      })
    } catch (error) {
      this.#onError(error)
    }
  }

  /** In this process only. */
  ringAll(): void {
    for (const bell of this.#bells.values()) bell.ring()
  }

  async close(): Promise<void> {
    await (await this.#listening)?.close()
  }

  async #listen(): Promise<Listening | undefined> {
    try {
      return await listen(this.#pool, {
        channels: { [CHANNEL]: (name) => this.#bells.get(name)?.ring() },
        onGap: () => this.ringAll(),
        onError: this.#onError,
      })
    } catch (error) {
      this.#onError(error)
      // tried again with the next bell
      this.#listening = undefined
      return undefined
    }
  }
}
