import { setTimeout as sleep } from 'node:timers/promises'
import { faultPoint } from '../database/fault-points.js'
import type { Queryable } from '../database/queryable.js'
import type { LaneKey } from '../lanes/lane-key.js'
import type { Wakeups } from '../lanes/wakeups.js'
import { BucketSchedule } from './bucket-schedule.js'
import { BucketSharing } from './bucket-sharing.js'
import { Claimer } from './claimer.js'
import { makeDue, renew } from './claims.js'
import { Endpoints } from './health/endpoints.js'
import { FaultRecorder } from './health/fault-recorder.js'
import { Slots } from './health/slots.js'
import { TryingClock } from './health/trying-clock.js'
import type { HookDirectory } from './hook-directory.js'
import { laneId } from './lane-id.js'
import { LaneReader } from './lane-reader.js'
import type { LaneRun } from './lane-run.js'
import { LaneWorker, LEASE_MARGIN_MS } from './lane-worker.js'
import type { DeliveryObserver } from './observer.js'
import { type DeliveryLog, type DeliveryReports, Reporter } from './reports.js'
import { ResultWriter } from './result-writer.js'
import type { Sender } from './send/sender.js'
import { DELIVERY_SETTINGS, type DeliverySettings } from './settings.js'

/** Milliseconds that `stop` waits for attempts under way: more than the 5 s that one may last. */
const STOP_DEADLINE_MS = 6_000
/** Milliseconds for each of the last writes; what is not written by then is done again by another process. */
const LAST_WRITE_MS = 2_000

export interface DispatcherOptions {
  /** A pool of its own: see `openDispatcherPool`. */
  db: Queryable
  wakeups: Wakeups
  hooks: HookDirectory
  sender: Sender
  reports?: DeliveryReports
  observer?: DeliveryObserver
  settings?: Partial<DeliverySettings>
  log?: DeliveryLog
  /** Told of how many processes deliver. */
  onProcesses?: (processes: number) => void
}

/** What a dispatcher is doing at a moment. */
export interface DispatcherActivity {
  attempts: number
  leasedLanes: number
  openBreakers: number
}

const SILENT: DeliveryLog = { warn() {}, error() {} }

/**
 * Delivers what is enqueued. Any number of dispatchers share one database.
 *
 * Parts, in the order in which a lane passes them
 *   BucketSharing   which buckets are this process's share
 *   BucketSchedule  which of them may have something due: a wakeup, a lane's own schedule, or the poll says so
 *   Claimer         leases lanes that are due, and has those that are handed over in memory
 *   Slots           lets a listener's lanes send, so that a slow listener holds up only itself
 *   LaneWorker      sends the head of a lane, then the next
 *   Endpoints       what is known of receivers: breakers, probes, lanes that rest
 *   ResultWriter    writes what came of it, and ends the lease
 *
 * States
 *   started   loops claim, poll, renew leases, share buckets and write faults down
 *   stopping  no new lane; attempts under way may end, and then are broken off; every lease is given back
 *
 * What holds: a lane's deliveries go out one after another, in order. A lane is worked on by the holder of its lease, and
 * a result counts only with the lease's token: a process that stood still cannot undo what its successor did. A
 * dispatcher that dies loses its lanes and buckets to the others after one lease, and the deliveries are made again.
 */
export class Dispatcher {
  readonly #db: Queryable
  readonly #wakeups: Wakeups
  readonly #sender: Sender
  readonly #settings: DeliverySettings
  readonly #log: DeliveryLog
  readonly #schedule = new BucketSchedule()
  readonly #slots: Slots
  readonly #reporter: Reporter
  readonly #writer: ResultWriter
  readonly #endpoints: Endpoints
  readonly #worker: LaneWorker
  readonly #faults: FaultRecorder
  readonly #claimer: Claimer
  readonly #sharing: BucketSharing
  readonly #stopping = new AbortController()
  #loops: Promise<unknown>[] = []

  constructor(options: DispatcherOptions) {
    const {
      db,
      wakeups,
      hooks,
      sender,
      reports = {},
      observer = {},
      settings = {},
      log = SILENT,
      onProcesses,
    } = options
    this.#db = db
    this.#wakeups = wakeups
    this.#sender = sender
    this.#log = log
    this.#settings = { ...DELIVERY_SETTINGS, ...settings }
    const { concurrency, listenerConcurrency, lease } = this.#settings
    if (lease < sender.timeoutMs + LEASE_MARGIN_MS) throw new TypeError('A lease has to outlast an attempt.')
    this.#slots = new Slots({ overall: concurrency, perListener: listenerConcurrency })
    this.#reporter = new Reporter(log)
    const faults = new FaultRecorder(db, log, () => this.#endpoints.openBreakers())
    this.#faults = faults
    this.#writer = new ResultWriter({ db, log, observer, faults })
    const shared = { slots: this.#slots, reporter: this.#reporter, reports, settings: this.#settings }
    const clock = new TryingClock(lease)
    this.#endpoints = new Endpoints({
      ...shared,
      tried: () => clock.read(),
      recovered: (organisationId, listener) => wakeups.tellOthers(organisationId, listener),
      wakeLanes: (lanes) => this.#wakeLanes(lanes),
    })
    this.#worker = new LaneWorker({
      ...shared,
      hooks,
      sender,
      endpoints: this.#endpoints,
      reader: new LaneReader(db, log),
      writer: this.#writer,
      observer,
      faults,
      log,
      isWanted: (listener) => this.#claimer.isWanted(listener),
      onLeft: (run, dueAt) => this.#left(run, dueAt),
    })
    this.#claimer = new Claimer({
      ...shared,
      db,
      log,
      schedule: this.#schedule,
      endpoints: this.#endpoints,
      writer: this.#writer,
      current: () => this.#sharing.current(),
      work: (run) => void this.#worker.work(run),
    })
    this.#sharing = new BucketSharing({
      db,
      log,
      lease,
      onShare: (buckets, processes) => {
        clock.beat()
        onProcesses?.(processes)
        if (this.#schedule.serve(buckets)) void this.#claimer.poll()
      },
      announce: () => wakeups.announceShare(),
    })
  }

  async start(): Promise<void> {
    await this.#wakeups.subscribe({
      bucket: (bucket) => this.#schedule.wake(bucket),
      listener: (organisationId, listener) => this.#endpoints.probeNow(organisationId, listener),
      share: () => void this.#share(),
      missed: () => void this.#claimer.poll(),
      lanes: this.#claimer,
    })
    const { poll, heartbeat, faultReport } = this.#settings
    this.#loops = [
      this.#claimer.loop(this.#stopping.signal),
      this.#every(poll, () => this.#claimer.poll()),
      this.#every(heartbeat, () => this.#renew()),
      this.#every(heartbeat, () => this.#share()),
      this.#every(heartbeat, () => this.#claimer.lookThrough()),
      this.#every(faultReport, () => this.#faults.write()),
    ]
    if (this.#delivers) await this.#sharing.join()
  }

  /** The buckets that are this process's share for now. */
  get buckets(): ReadonlySet<number> {
    return this.#schedule.served
  }

  /** A process without room for a lane serves no bucket. */
  get #delivers(): boolean {
    return this.#settings.lanesInMemory > 0
  }

  async #share(): Promise<void> {
    if (this.#delivers) await this.#sharing.look()
  }

  /** Lets attempts under way end within the deadline, breaks off the rest, writes what is known, gives every lease back. */
  async stop(deadlineMs = STOP_DEADLINE_MS): Promise<void> {
    if (this.#stopping.signal.aborted) return
    this.#stopping.abort()
    this.#claimer.close()
    this.#worker.stop()
    this.#schedule.interrupt()
    this.#endpoints.close()
    this.#slots.close()
    await Promise.race([this.#sharing.leave(), sleep(LAST_WRITE_MS, undefined, { ref: false })])
    await this.#wakeups.unsubscribe()
    // A claim under way still brings lanes: they are given back like the others.
    const finished = Promise.all(this.#loops).then(() => this.#finished())
    await Promise.race([finished, sleep(deadlineMs, undefined, { ref: false })])
    this.#sender.abandonAll()
    await Promise.race([finished, sleep(LAST_WRITE_MS, undefined, { ref: false })])
    this.#writer.close()
    const faults = this.#faults.close(LAST_WRITE_MS)
    await Promise.race([this.#reporter.settled(), sleep(LAST_WRITE_MS, undefined, { ref: false })])
    await faults
  }

  get activity(): DispatcherActivity {
    return {
      attempts: this.#sender.attemptsUnderWay,
      leasedLanes: this.#claimer.runs.size,
      openBreakers: this.#endpoints.openBreakers().length,
    }
  }

  async #finished(): Promise<void> {
    while (this.#claimer.runs.size > 0) {
      await new Promise((resolve) => setTimeout(resolve, 5))
      await this.#writer.drained()
    }
  }

  #left(run: LaneRun, dueAt: number | null): void {
    this.#claimer.left(run)
    if (dueAt === null || this.#schedule.wake(run.lane.bucket, dueAt)) return
    // The bucket is another process's by now.
    if (dueAt <= Date.now()) this.#wakeups.wake(run.lane.bucket)
  }

  /** Prolongs leases that are older than half a heartbeat; most lanes are done before. */
  async #renew(): Promise<void> {
    const { lease, heartbeat } = this.#settings
    const leaseUntil = Date.now() + lease
    const old = new Map<string, LaneRun>()
    for (const run of this.#claimer.runs) {
      if (run.leaseUntil !== 0 && run.leaseUntil <= leaseUntil - heartbeat / 2) old.set(laneId(run.lane), run)
    }
    if (old.size === 0) return
    faultPoint('lease.before-renewal')
    try {
      const lanes = [...old.values()].map(({ lane }) => lane)
      for (const key of await renew(this.#db, lanes, new Date(leaseUntil))) {
        const run = old.get(laneId(key))
        if (run !== undefined && run.leaseUntil !== 0) run.leaseUntil = leaseUntil
      }
    } catch (error) {
      this.#log.warn({ err: error, lanes: old.size }, 'leases could not be prolonged')
    }
  }

  #wakeLanes(lanes: LaneKey[]): void {
    this.#reporter.run(async () => {
      await makeDue(this.#db, lanes, new Date())
      for (const bucket of new Set(lanes.map((lane) => lane.bucket))) this.#wakeups.wake(bucket)
    })
  }

  async #every(pause: number, work: () => Promise<void>): Promise<void> {
    const { signal } = this.#stopping
    while (!signal.aborted) {
      await sleep(pause, undefined, { signal }).catch(() => {})
      // After `stop` nothing is renewed: no attempt starts that its lease does not outlast
      // (`LaneWorker`), so the last ones end within theirs.
      if (!signal.aborted) await work()
    }
  }
}
