import { v7 as uuidv7 } from 'uuid'
import type { Bells } from '../store/bells.js'
import {
  answerAttempts,
  attemptsUnderWay,
  keepStream,
  openStream,
  pruneAttempts,
  type StreamedAnswer,
  type StreamedAttempt,
  type StreamOwner,
} from '../store/hook-streams.js'
import type { Queryable } from '../store/queryable.js'
import { answerBell, attemptsBell } from './stream-transport.js'

const MOST_AT_ONCE = 50
/** How long somebody may be away between two calls and is still there. */
const AWAY_MS = 10_000
/** How often attempts are looked for that nobody rang for. */
const LOOK_AGAIN_MS = 1_000
const PRUNE_EVERY_MS = 60_000

export interface HookStreamsParts {
  db: Queryable
  bells: Bells
  /** What waits for the listener is to be tried now. */
  wakeListener: (organisationId: string, listener: string) => Promise<void>
  onError: (error: unknown) => void
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
}

/** The listener's side of its stream: fetching attempts, and answering them. Any call may come to any process. */
export class HookStreams {
  readonly #parts: HookStreamsParts
  #released = false
  #pruning: NodeJS.Timeout | undefined

  constructor(parts: HookStreamsParts) {
    this.#parts = parts
  }

  start(): void {
    const prune = () => pruneAttempts(this.#parts.db, new Date()).catch(this.#parts.onError)
    this.#pruning = setInterval(prune, PRUNE_EVERY_MS).unref()
  }

  /** @returns null if the stream is not the newest of its listener */
  next(owner: StreamOwner, { stream, holding, waitMs }: NextOptions): Promise<StreamPart | null> {
    return stream === undefined ? this.#open(owner, holding) : this.#wait(owner, stream, holding, waitMs)
  }

  /** @returns the attempts whose answers came too late, or not first */
  async answer(owner: StreamOwner, answers: readonly StreamedAnswer[]): Promise<string[]> {
    const { db, bells } = this.#parts
    const first = new Map(answers.toReversed().map((answer) => [answer.id, answer]))
    const taken = new Set(await answerAttempts(db, owner, [...first.values()], new Date()))
    if (taken.size > 0) await bells.ring([...taken].map(answerBell))
    return [...first.keys()].filter((id) => !taken.has(id))
  }

  /** Calls that wait are answered now, and none waits any more. */
  release(): void {
    this.#released = true
    clearInterval(this.#pruning)
    this.#parts.bells.ringAll()
  }

  async #open(owner: StreamOwner, holding: readonly string[]): Promise<StreamPart | null> {
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
    owner: StreamOwner,
    stream: string,
    holding: readonly string[],
    waitMs: number,
  ): Promise<StreamPart | null> {
    const { db, bells } = this.#parts
    const startedAt = Date.now()
    const name = attemptsBell(owner)
    // a call of the listener that still waits here is answered: however many it makes, one waits
    const bell = await bells.hang(name)
    try {
      const aliveUntil = new Date(startedAt + waitMs + AWAY_MS)
      const wasAlive = await keepStream(db, owner, stream, new Date(startedAt), aliveUntil)
      if (wasAlive === null) return null
      if (!wasAlive) this.#wake(owner)
      for (;;) {
        const now = new Date()
        const attempts = await attemptsUnderWay(db, owner, stream, holding, MOST_AT_ONCE, now)
        if (attempts === null) return null
        const left = startedAt + waitMs - now.getTime()
        if (attempts.length > 0 || left <= 0 || this.#released || bell.isTaken) return { stream, attempts }
        await bell.wait(Math.min(left, LOOK_AGAIN_MS))
      }
    } finally {
      bells.takeDown(name, bell)
    }
  }

  #wake({ organisationId, listener }: StreamOwner): void {
    const { wakeListener, onError } = this.#parts
    wakeListener(organisationId, listener).catch(onError)
  }
}
