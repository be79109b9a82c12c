import { setTimeout as sleep } from 'node:timers/promises'
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
const STATEMENTS_AT_ONCE = 4
const LONGEST_PAUSE_MS = 2_000
/** 40P01 deadlock, 40001 serialization failure: the same statement succeeds the next time. */
const REPEATABLE = new Set(['40P01', '40001'])

export interface ResultWriterParts {
  db: Queryable
  log: DeliveryLog
  observer: DeliveryObserver
  troubles: TroubleBook
}

interface Entry {
  result: LaneResult
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
    const entry: Entry = { result, done: done === undefined ? [] : [done] }
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
      const failed = await this.#write(byBucket(batch.values()))
      for (const entry of failed) this.#putBack(entry)
      this.#isBehind = failed.length > 0
      pause = failed.length === 0 ? 0 : Math.min(Math.max(pause * 2, 25), LONGEST_PAUSE_MS)
    }
  }

  /** @returns what could not be written now */
  async #write(groups: [bucket: number, entries: Entry[]][]): Promise<Entry[]> {
    const failed: Entry[] = []
    const worker = async () => {
      for (let group = groups.pop(); group !== undefined; group = groups.pop()) {
        failed.push(...(await this.#writeGroup(...group)))
      }
    }
    await Promise.all(Array.from({ length: Math.min(STATEMENTS_AT_ONCE, groups.length) }, worker))
    return failed
  }

  async #writeGroup(bucket: number, entries: Entry[]): Promise<Entry[]> {
    try {
      faultPoint('results.before-write')
      const recorded = await recordResults(
        this.#db,
        bucket,
        entries.map(({ result }) => result),
      )
      faultPoint('results.after-write')
      entries.forEach(({ result, done }, index) => {
        const { held, more } = recorded[index] ?? { held: false, more: false }
        if (held) this.#tellEnded(result)
        for (const each of done) each({ held, more })
      })
      return []
    } catch (error) {
      if (isUnavailable(error) || REPEATABLE.has(String((error as { code?: unknown }).code))) {
        this.#log.warn({ err: error, bucket, lanes: entries.length }, 'results of deliveries wait for the database')
        return entries
      }
      return this.#writeOneByOne(bucket, entries, error)
    }
  }

  /** Something in there can never be written. It must not hold up the rest: its lane's lease lapses, and the delivery is made again. */
  async #writeOneByOne(bucket: number, entries: Entry[], error: unknown): Promise<Entry[]> {
    const [only, ...others] = entries
    if (only !== undefined && others.length === 0) {
      const { organisationId, listener, userId, attempts } = only.result
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
    for (const entry of entries) failed.push(...(await this.#writeGroup(bucket, [entry])))
    return failed
  }

  #tellEnded({ outcomes }: LaneResult): void {
    for (const { state } of outcomes) if (state !== 'pending') this.#observer.ended?.(state)
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
      outcomes: [...before.result.outcomes, ...after.result.outcomes],
      attempts: [...before.result.attempts, ...after.result.attempts],
    },
    done: [...before.done, ...after.done],
  }
}

function byBucket(entries: Iterable<Entry>): [number, Entry[]][] {
  const buckets = new Map<number, Entry[]>()
  for (const entry of entries) {
    const bucket = buckets.get(entry.result.bucket)
    if (bucket === undefined) buckets.set(entry.result.bucket, [entry])
    else bucket.push(entry)
  }
  return [...buckets]
}
