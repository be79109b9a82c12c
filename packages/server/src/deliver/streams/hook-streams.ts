import type pg from 'pg'
import { v7 as uuidv7 } from 'uuid'
import type { ListedHook } from '../../accounts/hooks.js'
import type { ListenerKey } from '../../accounts/listeners.js'
import { transaction } from '../../database/database.js'
import { forgetFormer, giveBack, leftStreams } from './former-hooks.js'
import {
  answerAttempts,
  attemptsUnderWay,
  endStream,
  keepStream,
  leaveStream,
  lockLeftStream,
  openStream,
  pruneAttempts,
  type StreamedAnswer,
  type StreamedAttempt,
} from './hook-stream-rows.js'
import type { Signals } from './signals.js'
import { answerSignal, attemptsSignal } from './stream-transport.js'

/** Attempts of one answer. */
const MOST_ATTEMPTS = 50
/** Milliseconds between two calls of a reader that is still there. */
const AWAY_MS = 10_000
/** Milliseconds between two looks for attempts whose signal was lost. */
const LOOK_AGAIN_MS = 1_000
/** Milliseconds. */
const PRUNE_EVERY_MS = 60_000
/** Milliseconds that a reader is gone until its hooks go back: it may be started again, or its machine may sleep. */
const GONE_MS = 60_000
/** Milliseconds between two looks for readers that are gone. */
const LOOK_FOR_GONE_MS = 5_000

export interface HookStreamsParts {
  db: pg.Pool
  signals: Signals
  /** What waits for the listener is to be tried now. */
  wakeListener: (organisationId: string, listener: string) => Promise<void>
  onError: (error: unknown) => void
  /** For tests that cannot wait for a minute. */
  goneAfter?: number
}

export interface StreamPart {
  stream: string
  attempts: StreamedAttempt[]
}

export interface NextOptions {
  /** Absent: opens one. */
  stream: string | undefined
  /** The attempts that the listener has already. */
  holding: readonly string[]
  waitMs: number
  /** Aborted when the caller has hung up. */
  hungUp: AbortSignal
}

/**
 * The listener's side of hook streams: it fetches attempts, and answers them. Any call may come to any process, so all state
 * is rows. A listener's hooks stand at its stream where their URL is `STREAM_URL`.
 *
 * States of a stream
 *   open    `alive_until` is ahead: a reader waits, or has called lately; attempts are placed for it
 *   away    the reader hung up, or has not called again in time: attempts end as refused connections, the lanes wait
 *   left    away for a minute: hooks that had a URL before go back to it
 *   ended   by its reader, whose hooks go back or stay; or replaced, since a listener's newest stream is its only one
 *
 * Opening or returning to a stream wakes the listener's lanes. A call waits in one place: a second call of the listener
 * answers the first.
 *
 * What holds: only time in which this process looked counts against a reader, since a reader cannot call a service that is
 * down; giving back and opening lock the same row, so that a reader finds its hooks either at the stream or at their URLs.
 */
export class HookStreams {
  readonly #parts: HookStreamsParts
  #released = false
  #pruning: NodeJS.Timeout | undefined
  #looking: NodeJS.Timeout | undefined
  readonly #goneAfter: number
  /** Since when this process has looked for streams that were left, and when it last could. */
  #watch: { since: number; last: number } | undefined

  constructor(parts: HookStreamsParts) {
    this.#parts = parts
    this.#goneAfter = parts.goneAfter ?? GONE_MS
  }

  start(): void {
    const prune = () => pruneAttempts(this.#parts.db, new Date()).catch(this.#parts.onError)
    this.#pruning = setInterval(prune, PRUNE_EVERY_MS).unref()
    this.#looking = setInterval(() => this.#lookForLeft(), Math.min(LOOK_FOR_GONE_MS, this.#goneAfter / 10)).unref()
  }

  /** @returns null if the stream is not the newest of its listener */
  next(owner: ListenerKey, { stream, ...options }: NextOptions): Promise<StreamPart | null> {
    return stream === undefined ? this.#open(owner, options.holding) : this.#wait(owner, stream, options)
  }

  /** @returns the attempts whose answers came too late, or not first */
  async answer(owner: ListenerKey, answers: readonly StreamedAnswer[]): Promise<string[]> {
    const { db, signals } = this.#parts
    const first = new Map(answers.toReversed().map((answer) => [answer.id, answer]))
    const accepted = new Set(await answerAttempts(db, owner, [...first.values()], new Date()))
    if (accepted.size > 0) await signals.notify([...accepted].map(answerSignal))
    return [...first.keys()].filter((id) => !accepted.has(id))
  }

  /**
   * Ends a stream; its hooks go back to the URLs that they had, or stay for good.
   * @returns those that went back; null if the stream is not the newest of its listener, whose hooks are that one's now
   */
  async end(owner: ListenerKey, stream: string, how: 'give_back' | 'keep'): Promise<ListedHook[] | null> {
    const { db } = this.#parts
    const now = new Date()
    const back = await transaction(db, async (work) => {
      if (!(await endStream(work, owner, stream, now))) return null
      if (how === 'give_back') return giveBack(work, owner, now, null)
      await forgetFormer(work, owner)
      return []
    })
    if (back && back.length > 0) this.#wake(owner)
    return back
  }

  /** Gives hooks back whose stream was left. Of several processes, the first one does it. */
  async #lookForLeft(): Promise<void> {
    const { db, onError } = this.#parts
    const now = Date.now()
    const { since, last } = this.#watch ?? { since: now, last: now }
    // otherwise this process stood still
    const isUnbroken = now - last < this.#goneAfter / 2
    // another look may fail while this one waits for the database
    const watch = { since: isUnbroken ? since : now, last: now }
    this.#watch = watch
    try {
      const movedBefore = new Date(now - this.#goneAfter)
      const aliveUntil = new Date(movedBefore.getTime() + AWAY_MS)
      const left = await leftStreams(db, aliveUntil, movedBefore)
      if (now - watch.since < this.#goneAfter) return
      for (const owner of left) {
        const back = await transaction(db, async (work) =>
          (await lockLeftStream(work, owner, aliveUntil)) ? giveBack(work, owner, new Date(), movedBefore) : [],
        )
        if (back.length > 0) this.#wake(owner)
      }
    } catch (error) {
      this.#watch = undefined
      onError(error)
    }
  }

  /** Calls that wait are answered now, and none waits any more. */
  release(): void {
    this.#released = true
    clearInterval(this.#pruning)
    clearInterval(this.#looking)
    this.#parts.signals.notifyAll()
  }

  async #open(owner: ListenerKey, holding: readonly string[]): Promise<StreamPart | null> {
    const { db, signals } = this.#parts
    const stream = uuidv7()
    const now = new Date()
    const wasAlive = await openStream(db, owner, stream, now, new Date(now.getTime() + AWAY_MS))
    // a call that waits on the stream before learns that it has ended
    await signals.notify([attemptsSignal(owner)])
    if (!wasAlive) this.#wake(owner)
    const attempts = await attemptsUnderWay(db, owner, stream, holding, MOST_ATTEMPTS, now)
    return attempts && { stream, attempts }
  }

  async #wait(
    owner: ListenerKey,
    stream: string,
    { holding, waitMs, hungUp }: Omit<NextOptions, 'stream'>,
  ): Promise<StreamPart | null> {
    const { db, signals } = this.#parts
    const startedAt = Date.now()
    const name = attemptsSignal(owner)
    // replaces the signal of another call of the listener, which is answered now
    const signal = await signals.open(name)
    const hangUp = () => signal.notify()
    hungUp.addEventListener('abort', hangUp)
    try {
      const aliveUntil = new Date(startedAt + waitMs + AWAY_MS)
      const wasAlive = await keepStream(db, owner, stream, new Date(startedAt), aliveUntil)
      if (wasAlive === null) return null
      if (!wasAlive) this.#wake(owner)
      for (;;) {
        const now = new Date()
        const attempts = await attemptsUnderWay(db, owner, stream, holding, MOST_ATTEMPTS, now)
        if (attempts === null) return null
        if (hungUp.aborted) {
          await leaveStream(db, owner, stream, aliveUntil, new Date(Date.now() + AWAY_MS))
          return { stream, attempts: [] }
        }
        const left = startedAt + waitMs - now.getTime()
        if (attempts.length > 0 || left <= 0 || this.#released || signal.isReplaced) return { stream, attempts }
        await signal.wait(Math.min(left, LOOK_AGAIN_MS))
      }
    } finally {
      hungUp.removeEventListener('abort', hangUp)
      signals.drop(name, signal)
    }
  }

  #wake({ organisationId, listener }: ListenerKey): void {
    const { wakeListener, onError } = this.#parts
    wakeListener(organisationId, listener).catch(onError)
  }
}
