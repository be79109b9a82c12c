import { setTimeout as sleep } from 'node:timers/promises'
import { compareLanes } from '../store/claims.js'
import { isUnavailable } from '../store/database.js'
import { faultPoint } from '../store/fault-points.js'
import type { Queryable } from '../store/queryable.js'
import { type LaneResult, type Recorded, recordResults } from '../store/results.js'
import { laneId } from './lane-id.js'
import type { DeliveryObserver } from './observer.js'
import type { DeliveryLog } from './reports.js'
import type { TroubleBook } from './trouble-book.js'

/** How long what a lane under way has done may stay unwritten: a process that is killed repeats at most that. */
const PROGRESS_PAUSE_MS = 20
/** Lanes of one statement; what there is more of is written by two at once. */
const MOST_LANES = 128
const STATEMENTS_AT_ONCE = 2
const LONGEST_PAUSE_MS = 2_000
/** 40P01 deadlock, 40001 serialization failure: the same statement succeeds the next time. */
const REPEATABLE = new Set(['40P01', '40001'])
/** An attempt is there already: of the statement that wrote it, only the answer was lost. */
const UNIQUE_VIOLATION = '23505'

export interface ResultWriterParts {
  db: Queryable
  log: DeliveryLog
  observer: DeliveryObserver
  troubles: TroubleBook
}

interface Entry {
  result: LaneResult
  /** It may have been written already. */
  again: boolean
  done: Array<(recorded: Recorded) => void>
}

/**
 * Gathers results while the last ones are being written, so that the database's cost per delivery falls as load grows. A lane's results
 * reach the database in the order in which they came; without a database they wait.
 */
export class ResultWriter {
  readonly #db: Queryable
  readonly #log: DeliveryLog
  readonly #observer: DeliveryObserver
  readonly #troubles: TroubleBook
  #pending = new Map<string, Entry>()
  #writing: Promise<void> | undefined
  #timer: NodeJS.Timeout | undefined
  #closed = false
  #isBehind = false

  constructor({ db, log, observer, troubles }: ResultWriterParts) {
    this.#db = db
    this.#log = log
    this.#observer = observer
    this.#troubles = troubles
  }

  /** @param done called once it is committed, or known to be stale */
  add(result: LaneResult, done?: (recorded: Recorded) => void): void {
    const id = laneId(result)
    const before = this.#pending.get(id)
    const entry: Entry = { result, again: false, done: done === undefined ? [] : [done] }
    this.#pending.set(id, before === undefined ? entry : merge(before, entry))
    if (result.releaseAt !== null) this.#start()
    else this.#timer ??= setTimeout(() => this.#start(), PROGRESS_PAUSE_MS)
  }

  /** The database did not take the last results. Whoever claims now might claim a lane whose results are still in here. */
  get isBehind(): boolean {
    return this.#isBehind
  }

  /** Resolves when everything is written, or given up by `close`. */
  async drained(): Promise<void> {
    this.#start()
    while (this.#writing !== undefined) await this.#writing
  }

  /** Gives up what cannot be written now; its leases lapse, and the deliveries are made again. */
  close(): void {
    this.#closed = true
  }

  #start(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#writing ??= this.#writeAll().finally(() => {
      this.#writing = undefined
    })
  }

  async #writeAll(): Promise<void> {
    let pause = 0
    // What other lanes finish in this turn of the event loop goes along.
    await new Promise(setImmediate)
    while (this.#pending.size > 0 && !this.#closed) {
      if (pause > 0) await sleep(pause)
      const batch = this.#pending
      this.#pending = new Map()
      const failed = await this.#write(chunks([...batch.values()]))
      for (const entry of failed) this.#putBack(entry)
      this.#isBehind = failed.length > 0
      pause = failed.length === 0 ? 0 : Math.min(Math.max(pause * 2, 25), LONGEST_PAUSE_MS)
    }
  }

  /** @returns what could not be written now */
  async #write(chunks: Entry[][]): Promise<Entry[]> {
    const failed: Entry[] = []
    const worker = async () => {
      for (let chunk = chunks.pop(); chunk !== undefined; chunk = chunks.pop()) {
        failed.push(...(await this.#writeChunk(chunk)))
      }
    }
    await Promise.all(Array.from({ length: Math.min(STATEMENTS_AT_ONCE, chunks.length) }, worker))
    return failed
  }

  async #writeChunk(entries: Entry[]): Promise<Entry[]> {
    const again = entries.some((entry) => entry.again)
    try {
      faultPoint('results.before-write')
      const recorded = await recordResults(
        this.#db,
        entries.map(({ result }) => result),
        { again },
      )
      faultPoint('results.after-write')
      entries.forEach(({ result, done }, index) => {
        const { held, more } = recorded[index] ?? { held: false, more: false }
        if (held) this.#tellEnded(result)
        for (const each of done) each({ held, more })
      })
      return []
    } catch (error) {
      const { code } = error as { code?: unknown }
      if (isUnavailable(error) || REPEATABLE.has(String(code)) || (code === UNIQUE_VIOLATION && !again)) {
        this.#log.warn({ err: error, lanes: entries.length }, 'results of deliveries wait for the database')
        for (const entry of entries) entry.again = true
        return entries
      }
      return this.#writeOneByOne(entries, error)
    }
  }

  /** Something in there can never be written. It must not hold up the rest: its lane's lease lapses, and the delivery is made again. */
  async #writeOneByOne(entries: Entry[], error: unknown): Promise<Entry[]> {
    const [only, ...others] = entries
    if (only !== undefined && others.length === 0) {
      const { bucket, organisationId, listener, userId, attempts } = only.result
      const deliveryId = attempts.at(-1)?.deliveryId
      this.#log.error(
        { err: error, bucket, organisationId, listener, userId, deliveryId },
        'a result of a delivery cannot be written',
      )
      if (deliveryId !== undefined) this.#troubles.fault(only.result, deliveryId, 'result_not_written', error)
      for (const each of only.done) each({ held: false, more: false })
      return []
    }
    const failed: Entry[] = []
    for (const entry of entries) failed.push(...(await this.#writeChunk([entry])))
    return failed
  }

  #tellEnded({ ends }: LaneResult): void {
    for (const { state } of ends) this.#observer.ended?.(state)
  }

  #putBack(entry: Entry): void {
    const id = laneId(entry.result)
    const after = this.#pending.get(id)
    this.#pending.set(id, after === undefined ? entry : merge(entry, after))
  }
}

function merge(before: Entry, after: Entry): Entry {
  if (before.result.lease !== after.result.lease) {
    // The lease lapsed and was taken again, by this very process: the earlier result is stale.
    for (const each of before.done) each({ held: false, more: false })
    return after
  }
  return {
    result: {
      ...after.result,
      since: before.result.since,
      ectUserId: after.result.ectUserId ?? before.result.ectUserId,
      ends: [...before.result.ends, ...after.result.ends],
      attempts: [...before.result.attempts, ...after.result.attempts],
    },
    again: before.again,
    done: [...before.done, ...after.done],
  }
}

/** Lanes in the order in which they are locked, in equal parts. */
function chunks(entries: Entry[]): Entry[][] {
  entries.sort((a, b) => compareLanes(a.result, b.result))
  const parts = Math.ceil(entries.length / MOST_LANES)
  const size = Math.ceil(entries.length / parts)
  return Array.from({ length: parts }, (_, part) => entries.slice(part * size, (part + 1) * size))
}
