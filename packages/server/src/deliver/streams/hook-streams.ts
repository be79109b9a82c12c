import type pg from 'pg'
import { v7 as uuidv7 } from 'uuid'
import type { ListedHook } from '../../accounts/hooks.js'
import type { ListenerKey } from '../../accounts/listeners.js'
import { transaction } from '../../database/database.js'
import type { Bells } from './bells.js'
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
import { answerBell, attemptsBell } from './stream-transport.js'

const MOST_AT_ONCE = 50
/** How long somebody may be away between two calls and is still there. */
const AWAY_MS = 10_000
/** How often attempts are looked for that nobody rang for. */
const LOOK_AGAIN_MS = 1_000
const PRUNE_EVERY_MS = 60_000
/** How long a stream's reader has to be gone until hooks go back to the URLs that they had: it may be started again, or sleep for a moment. */
const GONE_MS = 60_000
/** How often that is looked for. */
const LOOK_FOR_GONE_MS = 5_000

export interface HookStreamsParts {
  db: pg.Pool
  bells: Bells
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
  /** Aborted when whoever called has hung up. */
  hungUp: AbortSignal
}

/** The listener's side of its stream: fetching attempts, and answering them. Any call may come to any process. */
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
    const { db, bells } = this.#parts
    const first = new Map(answers.toReversed().map((answer) => [answer.id, answer]))
    const taken = new Set(await answerAttempts(db, owner, [...first.values()], new Date()))
    if (taken.size > 0) await bells.ring([...taken].map(answerBell))
    return [...first.keys()].filter((id) => !taken.has(id))
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

  /**
   * Gives hooks back whose stream has been left. What counts is only the time in which this process looked: while the service or its database
   * was down, no reader could have called. Of several processes, whichever comes first does it.
   */
  async #lookForLeft(): Promise<void> {
    const { db, onError } = this.#parts
    const now = Date.now()
    const { since, last } = this.#watch ?? { since: now, last: now }
    // it was stopped, or busy for long
    const isUnbroken = now - last < this.#goneAfter / 2
    this.#watch = { since: isUnbroken ? since : now, last: now }
    try {
      const movedBefore = new Date(now - this.#goneAfter)
      const aliveUntil = new Date(movedBefore.getTime() + AWAY_MS)
      const left = await leftStreams(db, aliveUntil, movedBefore)
      if (now - this.#watch.since < this.#goneAfter) return
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
    this.#parts.bells.ringAll()
  }

  async #open(owner: ListenerKey, holding: readonly string[]): Promise<StreamPart | null> {
    const { db, bells } = this.#parts
    const stream = uuidv7()
    const now = new Date()
    const wasAlive = await openStream(db, owner, stream, now, new Date(now.getTime() + AWAY_MS))
    // whoever waits on the stream before learns that it has ended
    await bells.ring([attemptsBell(owner)])
    if (!wasAlive) this.#wake(owner)
    const attempts = await attemptsUnderWay(db, owner, stream, holding, MOST_AT_ONCE, now)
    return attempts && { stream, attempts }
  }

  async #wait(
    owner: ListenerKey,
    stream: string,
    { holding, waitMs, hungUp }: Omit<NextOptions, 'stream'>,
  ): Promise<StreamPart | null> {
    const { db, bells } = this.#parts
    const startedAt = Date.now()
    const name = attemptsBell(owner)
    // a call of the listener that still waits here is answered: however many it makes, one waits
    const bell = await bells.hang(name)
    const hangUp = () => bell.ring()
    hungUp.addEventListener('abort', hangUp)
    try {
      const aliveUntil = new Date(startedAt + waitMs + AWAY_MS)
      const wasAlive = await keepStream(db, owner, stream, new Date(startedAt), aliveUntil)
      if (wasAlive === null) return null
      if (!wasAlive) this.#wake(owner)
      for (;;) {
        const now = new Date()
        const attempts = await attemptsUnderWay(db, owner, stream, holding, MOST_AT_ONCE, now)
        if (attempts === null) return null
        if (hungUp.aborted) {
          await leaveStream(db, owner, stream, aliveUntil, new Date(Date.now() + AWAY_MS))
          return { stream, attempts: [] }
        }
        const left = startedAt + waitMs - now.getTime()
        if (attempts.length > 0 || left <= 0 || this.#released || bell.isTaken) return { stream, attempts }
        await bell.wait(Math.min(left, LOOK_AGAIN_MS))
      }
    } finally {
      hungUp.removeEventListener('abort', hangUp)
      bells.takeDown(name, bell)
    }
  }

  #wake({ organisationId, listener }: ListenerKey): void {
    const { wakeListener, onError } = this.#parts
    wakeListener(organisationId, listener).catch(onError)
  }
}
