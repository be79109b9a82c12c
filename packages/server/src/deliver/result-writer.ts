import { setTimeout as sleep } from 'node:timers/promises'
import { isUnavailable } from '../database/database.js'
import { faultPoint } from '../database/fault-points.js'
import type { Queryable } from '../database/queryable.js'
import { compareLanes } from '../lanes/lane-key.js'
import type { FaultRecorder } from './health/fault-recorder.js'
import type { LaneRun } from './lane-run.js'
import type { DeliveryObserver } from './observer.js'
import type { DeliveryLog } from './reports.js'
import { type LaneResult, type Recorded, recordResults } from './results.js'
import { type ReducedPart, storable, withLess } from './storable-result.js'

/** Milliseconds that results of a lane under way may stay unwritten: a process that is killed repeats at most those. */
const PROGRESS_PAUSE_MS = 20
/** Milliseconds, twice an attempt's time: with a healthy database, a head's first failure is written before. */
const LONGEST_UNWRITTEN_MS = 10_000
/** Milliseconds between two statements at least: the busier it gets, the more each has to write. */
const GATHER_MS = 8
/** Lanes of one statement: more would lock them for too long. */
const MOST_LANES = 128
/** Of the dispatcher's eight connections. */
const MOST_STATEMENTS = 2
/** Milliseconds between two tries while the database refuses; deliveries go on soon after it is back. */
const LONGEST_PAUSE_MS = 2_000
/** 40P01 deadlock, 40001 serialization failure: the same statement succeeds the next time. */
const REPEATABLE = new Set(['40P01', '40001'])
/** The attempt is there: only the answer of the statement that wrote it was lost. */
const UNIQUE_VIOLATION = '23505'
/** Data exception, integrity violation, program limit: what is written is at fault, not the moment. */
const OF_DATA = /^(22|23|54)...$/

export interface ResultWriterParts {
  db: Queryable
  log: DeliveryLog
  observer: DeliveryObserver
  faults: FaultRecorder
}

type Done = (recorded: Recorded) => void

const LOST: Recorded = { held: false, more: false, hurried: false }

/** A lane that has something to write. */
interface Pending {
  since: number
  /** When the lane is due again, and what to call, if its lease ends with this. */
  release?: { at: Date; done: Done }
}

/** What is being written of a lane. */
interface Entry {
  run: LaneRun
  result: LaneResult
  /** Which delivery it tells of, even where it is written without its attempts. */
  deliveryId: string | undefined
  /** What it is written without. */
  parts: readonly ReducedPart[]
  done: Done
}

/**
 * Writes what became of attempts, and gathers results while the last ones are being written: the database's cost for each
 * delivery falls as load grows.
 *
 * States of a lane's results
 *   pending  something has happened; due after a pause, or immediately where the lane's lease ends with it
 *   written  in a statement with those of other lanes
 *   failed   the database did not answer: they are written again, first and as they were, before anything else
 *   apart    the database refused them: halves are tried, and the one result that is at fault loses its text, then its
 *            attempts; one that cannot be written at all is dropped with its lease, and its delivery is made again
 *
 * What holds: a lane's results reach the database in the order in which they came; without a database they wait; a result
 * counts only while its lane carries the lease.
 */
export class ResultWriter {
  readonly #parts: ResultWriterParts
  readonly #pending = new Map<LaneRun, Pending>()
  /** Goes first, since a lane's results build on each other. Some of it may have been written. */
  #failed: Entry[] = []
  #writing: Promise<void> | undefined
  #timer: NodeJS.Timeout | undefined
  #startedAt = Number.NEGATIVE_INFINITY
  /** `drained` waits for all to be written. */
  #hurries = false
  #closed = false
  #isBehind = false

  constructor(parts: ResultWriterParts) {
    this.#parts = parts
  }

  /** Something has happened in a lane, and its holder goes on. If the lease is found lost, the run is told. */
  progress(run: LaneRun): void {
    if (this.#pending.has(run)) return
    this.#pending.set(run, { since: performance.now() })
    this.#timer ??= setTimeout(() => this.#start(), PROGRESS_PAUSE_MS)
  }

  /**
   * The lane's lease ends with this.
   * @param at when it is due again
   * @param done called once it is committed, or known to be stale
   */
  release(run: LaneRun, at: Date, done: Done): void {
    this.#pending.set(run, { since: 0, release: { at, done } })
    this.#start()
  }

  /** The last results are not written yet: a claim might bring a lane whose results are still in here. */
  get isBehind(): boolean {
    return this.#isBehind
  }

  /** Resolves when everything is written, or given up by `close`. */
  async drained(): Promise<void> {
    while (!this.#closed && (this.#pending.size > 0 || this.#writing !== undefined)) {
      this.#hurries = true
      this.#start()
      await this.#writing
    }
    this.#hurries = false
  }

  /** Drops what cannot be written now: its leases lapse, and the deliveries are made again. */
  close(): void {
    this.#closed = true
    clearTimeout(this.#timer)
  }

  #start(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#writing ??= this.#writeAll().finally(() => {
      this.#writing = undefined
      if (this.#pending.size > 0 && !this.#closed) this.#timer ??= setTimeout(() => this.#start(), PROGRESS_PAUSE_MS)
    })
  }

  async #writeAll(): Promise<void> {
    let pause = 0
    // What other lanes finish in this turn of the event loop goes along.
    await new Promise(setImmediate)
    while (!this.#closed) {
      const gathering = this.#startedAt + GATHER_MS - performance.now()
      if (gathering > 0 && !this.#hurries) await sleep(gathering)
      if (pause > 0) await sleep(pause)
      const again = this.#failed.length > 0
      const entries = again ? this.#failed : this.#due()
      if (entries.length === 0) return
      this.#startedAt = performance.now()
      this.#failed = await this.#write(chunks(entries), again)
      this.#isBehind = this.#failed.length > 0
      pause = this.#failed.length === 0 ? 0 : Math.min(Math.max(pause * 2, 25), LONGEST_PAUSE_MS)
    }
  }

  /** Results that end a lease, and those of lanes under way that have waited for the pause. */
  #due(): Entry[] {
    const entries: Entry[] = []
    const before = this.#hurries ? Number.POSITIVE_INFINITY : performance.now() - PROGRESS_PAUSE_MS
    for (const [run, { since, release }] of this.#pending) {
      if (since > before) continue
      this.#pending.delete(run)
      const { result, parts } = storable(run.flush(release?.at ?? null))
      const deliveryId = result.attempts.at(-1)?.deliveryId
      entries.push({ run, result, deliveryId, parts, done: release?.done ?? keepOrLose(run) })
    }
    return entries
  }

  /** @returns what could not be written now */
  async #write(chunks: Entry[][], again: boolean): Promise<Entry[]> {
    const failed: Entry[] = []
    const worker = async () => {
      for (let chunk = chunks.pop(); chunk !== undefined; chunk = chunks.pop()) {
        failed.push(...(await this.#writeChunk(chunk, again)))
      }
    }
    await Promise.all(Array.from({ length: Math.min(MOST_STATEMENTS, chunks.length) }, worker))
    return failed
  }

  async #writeChunk(entries: Entry[], again: boolean): Promise<Entry[]> {
    const { db, log, observer } = this.#parts
    try {
      faultPoint('results.before-write')
      const recorded = await recordResults(
        db,
        entries.map(({ result }) => inTime(result)),
        { again },
      )
      faultPoint('results.after-write')
      entries.forEach(({ run, result, parts, done }, index) => {
        const found = recorded[index] ?? LOST
        if (found.held) {
          for (const { state } of result.ends) observer.ended?.(state)
          for (const part of parts) observer.reduced?.(part)
        } else this.#tellOfLost(run, result)
        done(found)
      })
      return []
    } catch (error) {
      const { code } = error as { code?: unknown }
      if (isUnavailable(error) || REPEATABLE.has(String(code)) || (code === UNIQUE_VIOLATION && !again)) {
        log.warn({ err: error, lanes: entries.length }, 'results of deliveries wait for the database')
        return entries
      }
      return this.#writeApart(entries, error)
    }
  }

  /** The next holder of the lane does it again: says why, and which deliveries it concerns. */
  #tellOfLost({ leaseUntil }: LaneRun, { bucket, organisationId, listener, userId, attempts }: LaneResult): void {
    if (attempts.length === 0) return
    const deliveryIds = [...new Set(attempts.map(({ deliveryId }) => deliveryId))]
    // 0: it was lost with the result before this one.
    const late = leaseUntil === 0 ? undefined : Date.now() - leaseUntil
    this.#parts.log.warn(
      { bucket, organisationId, listener, userId, deliveryIds, lateMs: late },
      'a lane was lost before its results were written',
    )
  }

  /** One of these cannot be written, and must not hold up the rest. */
  async #writeApart(entries: Entry[], error: unknown): Promise<Entry[]> {
    const [only, ...others] = entries
    if (only === undefined) return []
    if (others.length === 0) return this.#writeLess(only, error)
    const middle = entries.length >> 1
    const first = await this.#writeChunk(entries.slice(0, middle), true)
    return [...first, ...(await this.#writeChunk(entries.slice(middle), true))]
  }

  /** With nothing left to leave out, its lane's lease lapses, and the delivery is made again. */
  async #writeLess(entry: Entry, error: unknown): Promise<Entry[]> {
    const { log, faults } = this.#parts
    const { deliveryId } = entry
    const { bucket, organisationId, listener, userId } = entry.result
    const details = { err: error, bucket, organisationId, listener, userId, deliveryId }
    const less = isOfData(error) ? withLess(entry.result) : null
    if (less !== null) {
      log.warn({ ...details, without: less.parts }, 'a result of a delivery can be written in part only')
      return this.#writeChunk([{ ...entry, result: less.result, parts: [...entry.parts, ...less.parts] }], true)
    }
    log.error(details, 'a result of a delivery cannot be written')
    if (deliveryId !== undefined) faults.record(entry.result, deliveryId, 'result_not_written', error)
    entry.done(LOST)
    return []
  }
}

/** An error without a code is of the statement's making, before the database. */
function isOfData(error: unknown): boolean {
  const { code } = error as { code?: unknown }
  return typeof code === 'string' ? OF_DATA.test(code) : error instanceof RangeError || error instanceof TypeError
}

/**
 * Of a result that waited for its database: that time is no failure of the receiver. A head that failed for long before is
 * cut too, without effect: of a head that is known to fail, the statement keeps what the lane's row says.
 */
function inTime(result: LaneResult): LaneResult {
  const { failingSince } = result
  const earliest = Date.now() - LONGEST_UNWRITTEN_MS
  if (failingSince === null || failingSince.getTime() >= earliest) return result
  return { ...result, failingSince: new Date(earliest) }
}

const keepOrLose =
  (run: LaneRun): Done =>
  ({ held }) => {
    if (!held) run.leaseUntil = 0
  }

/** Lanes in the order in which they are locked, in equal parts. */
function chunks(entries: Entry[]): Entry[][] {
  entries.sort((a, b) => compareLanes(a.result, b.result))
  const parts = Math.ceil(entries.length / MOST_LANES)
  const size = Math.ceil(entries.length / parts)
  return Array.from({ length: parts }, (_, part) => entries.slice(part * size, (part + 1) * size))
}
