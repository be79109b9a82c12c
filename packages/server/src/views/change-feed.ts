import { randomBytes } from 'node:crypto'
import type { Change, ChangeSource } from './change-sources.js'

export interface NumberedChange extends Change {
  id: string
}

export interface ChangeFeedOptions {
  source: ChangeSource
  /** Between two looks, in ms. */
  pause: number
  /** How long the feed goes on without a subscriber, so that one whose connection was lost misses nothing. */
  lingerMs: number
  onError: (error: unknown) => void
  onEnd: () => void
}

const ID = /^([0-9a-f]{8})-(\d{1,15})$/
const PAUSE_PER_LOOK = 20
/** Milliseconds: what is shown is no older than this and a look, however busy the machine. */
const LONGEST_PAUSE = 5_000
/** Changes that are kept for readers who come back. */
const KEPT = 1_000

/** The changes of one scope, numbered, for everybody in this process who wants them: looked for once, however many watch. */
export class ChangeFeed {
  readonly #options: ChangeFeedOptions
  /** Numbers of another process, or of another time, say nothing here. */
  readonly #name = randomBytes(4).toString('hex')
  readonly #subscribers = new Set<(changes: readonly NumberedChange[]) => void>()
  #kept: NumberedChange[] = []
  #last = 0
  #timer: NodeJS.Timeout | undefined
  #aloneSince = 0
  #hasFailed = false
  #hasEnded = false
  readonly #begun: Promise<void>

  constructor(options: ChangeFeedOptions) {
    this.#options = options
    this.#begun = options.source().then(() => this.#schedule())
  }

  /** The first look is over: from here on nothing is missed. Rejects where it failed, and then the feed has ended. */
  async begun(): Promise<void> {
    try {
      await this.#begun
    } catch (error) {
      this.end()
      throw error
    }
  }

  get lastId(): string {
    return `${this.#name}-${this.#last}`
  }

  /** @returns what happened since the change of this id; a gap where that is not known any more */
  since(id: string): readonly NumberedChange[] {
    const [, name, digits] = ID.exec(id) ?? []
    const number = Number(digits)
    const isKnown = name === this.#name && number <= this.#last && number >= this.#last - this.#kept.length
    if (!isKnown) return [{ type: 'gap', id: this.lastId }]
    return this.#kept.slice(this.#kept.length - (this.#last - number))
  }

  /** @returns how to stop */
  subscribe(subscriber: (changes: readonly NumberedChange[]) => void): () => void {
    this.#subscribers.add(subscriber)
    return () => {
      this.#subscribers.delete(subscriber)
      this.#aloneSince = Date.now()
    }
  }

  end(): void {
    this.#hasEnded = true
    clearTimeout(this.#timer)
    this.#options.onEnd()
  }

  /**
   * A look that takes long, since much is moving or the database is busy, is followed by a longer pause: watching stays a small part of it, and
   * never more than half.
   */
  #schedule(took = 0): void {
    if (this.#hasEnded) return
    const longest = Math.max(LONGEST_PAUSE, took)
    const pause = Math.max(this.#options.pause, Math.min(took * PAUSE_PER_LOOK, longest))
    this.#timer = setTimeout(() => void this.#look(), pause).unref()
  }

  async #look(): Promise<void> {
    if (this.#subscribers.size === 0 && Date.now() - this.#aloneSince > this.#options.lingerMs) return this.end()
    const began = performance.now()
    try {
      const changes = await this.#options.source()
      // what was missed while there was no looking is not known
      this.#tell(this.#hasFailed ? [{ type: 'gap' }, ...changes] : changes)
      this.#hasFailed = false
    } catch (error) {
      this.#hasFailed = true
      this.#options.onError(error)
    }
    this.#schedule(performance.now() - began)
  }

  #tell(changes: readonly Change[]): void {
    if (changes.length === 0) return
    const numbered = changes.map((change) => ({ ...change, id: `${this.#name}-${++this.#last}` }))
    this.#kept = [...this.#kept, ...numbered].slice(-KEPT)
    for (const subscriber of this.#subscribers) subscriber(numbered)
  }
}
