import { faultPoint } from '../database/fault-points.js'
import { type LaneKey, listenerKey } from '../lanes/lane-key.js'
import type { ClaimedDelivery } from './claims.js'
import type { Endpoints } from './health/endpoints.js'
import type { FaultRecorder } from './health/fault-recorder.js'
import { isPastDeadline, nextStep } from './health/retry-policy.js'
import type { Slots } from './health/slots.js'
import type { Hook, HookDirectory } from './hook-directory.js'
import type { LaneReader } from './lane-reader.js'
import type { LaneRun } from './lane-run.js'
import type { DeliveryObserver } from './observer.js'
import type { DeliveryLog, DeliveryReports, Reporter } from './reports.js'
import type { ResultWriter } from './result-writer.js'
import { isCreateUser } from './send/ect-user-id.js'
import { isOffered } from './send/offer-answer.js'
import type { Sender } from './send/sender.js'
import type { DeliverySettings } from './settings.js'

/** Milliseconds by which a lease has to outlast an attempt: its result is written in that time. */
export const LEASE_MARGIN_MS = 250
/** Milliseconds until a lane comes back after an error of the process itself: soon, and not in a tight loop. */
const FAULT_PAUSE_MS = 1_000

export interface LaneWorkerParts {
  hooks: HookDirectory
  sender: Sender
  slots: Slots
  endpoints: Endpoints
  reader: LaneReader
  writer: ResultWriter
  reporter: Reporter
  reports: DeliveryReports
  settings: DeliverySettings
  observer: DeliveryObserver
  faults: FaultRecorder
  log: DeliveryLog
  /** Whether other lanes of the listener wait for a slot, or for room in memory. */
  isWanted: (listener: string) => boolean
  /** Told that the lane has left this process. `dueAt`: when it has something to do again, if that is known. */
  onLeft: (run: LaneRun, dueAt: number | null) => void
}

/** How a lane's turn ends: when it is due again, and what is to happen once that is committed. */
interface Rest {
  dueAt: number
  /** Its endpoint: while the breaker is open, the lane is a candidate for the probe. */
  endpoint?: string
  /** The breaker holds it back, and not its own schedule. */
  heldBack?: boolean
  /** The head is not getting through. */
  failing?: boolean
}

/**
 * Works through leased lanes.
 *
 * States of a lane in this process
 *   waiting   for a slot of its listener
 *   sending   the head is under way; the next deliveries are read beside that
 *   leaving   its turn is over: what happened is written, and the lease ends with that
 *
 * What follows on an attempt at the head
 *   acknowledged          the head ends as delivered, and the next delivery is the head; an id of the user that came with it
 *                         is written first: the lane leaves, due now
 *   refused               tried again by a short schedule of its own, then it ends as undeliverable, and the next one goes
 *   endpoint at fault     the lane leaves until the schedule's next time, or the one that Retry-After asks for; ten failures
 *                         in a row open the breaker; after a day the head ends as undeliverable
 *   breaker open          the lane leaves and rests, until the breaker's probe succeeds or the lane itself is the probe
 *   answered 410          the hook is disabled, and its lane waits as for a disabled one
 *   hook disabled         the lane leaves and rests; after seven days the head ends as undeliverable
 *   hook removed          no hook for it any more: the head ends as cancelled
 *   broken off, or lease too short for another attempt: the lane leaves, due now
 *
 * What holds: the next delivery goes only after the head has ended; no attempt starts that could outlast the lease; once
 * its turn is over and others of its listener wait, a lane reads no further, and sends only what it has already read; a gap
 * is written before a delivery tells of it.
 */
export class LaneWorker {
  readonly #parts: LaneWorkerParts
  #stopping = false

  constructor(parts: LaneWorkerParts) {
    this.#parts = parts
  }

  /** Lanes are given back after the attempt under way. */
  stop(): void {
    this.#stopping = true
  }

  async work(run: LaneRun): Promise<void> {
    const { slots, log, faults } = this.#parts
    const listener = listenerKey(run.lane.organisationId, run.lane.listener)
    const granted = slots.acquire(listener)
    if (!(granted === true || (await granted))) return this.#leave(run, { dueAt: Date.now() })
    const turnEndsAt = Date.now() + this.#parts.settings.turn
    const mayGoOn = () => Date.now() < turnEndsAt || !this.#parts.isWanted(listener)
    try {
      this.#leave(run, await this.#deliverAll(run, mayGoOn))
    } catch (error) {
      const { organisationId, listener, userId } = run.lane
      const { next } = run
      log.error({ err: error, organisationId, listener, userId, deliveryId: next?.id }, 'a lane could not be worked on')
      if (next !== undefined) faults.record(run.lane, next.id, 'attempt_not_made', error)
      this.#leave(run, { dueAt: Date.now() + FAULT_PAUSE_MS })
    } finally {
      slots.release(listener)
    }
  }

  /** Goes on while the lane has something; once another lane's turn has come, with what is read already. */
  async #deliverAll(run: LaneRun, mayGoOn: () => boolean): Promise<Rest> {
    while (!this.#stopping) {
      if (run.runsLow && mayGoOn()) run.reading = this.#readOn(run)
      if (run.next === undefined) await run.reading
      const { next } = run
      if (next === undefined) break
      const rest = await this.#deliver(run, next)
      if (rest !== null) return rest
      this.#parts.writer.progress(run)
    }
    return { dueAt: Date.now() }
  }

  async #readOn(run: LaneRun): Promise<void> {
    const part = run.nextPart
    const deliveries = await this.#parts.reader.read(part)
    if (deliveries !== null) run.read(deliveries, part)
    run.reading = undefined
  }

  /** @returns null if the delivery has ended and the next one may go */
  async #deliver(run: LaneRun, delivery: ClaimedDelivery): Promise<Rest | null> {
    const { hooks, sender, settings, endpoints } = this.#parts
    const { organisationId, listener } = run.lane
    const hook = await hooks.find(organisationId, listener, delivery.category, delivery.subcategory)
    const now = Date.now()
    // The look-up may have lasted longer than the lease: the lane may be another process's by now.
    if (this.#stopping || run.leaseUntil - now < sender.timeoutMs + LEASE_MARGIN_MS) return { dueAt: now }
    if (hook === null) {
      run.ended(delivery, 'cancelled')
      return null
    }
    if (hook.status === 'disabled') return this.#waitForHook(run, delivery, now)
    // A gap is written before the next delivery tells of it: its receiver may ask for what is missing.
    if (run.hasNewGap) return { dueAt: now }
    const endpoint = endpoints.keyOf(run.lane, hook)
    const permit = endpoints.admit(endpoint, run.lane, now)
    if (permit === 'wait') {
      // The time that a head is held back counts as failing.
      const since = run.failing(now).getTime()
      if (isPastDeadline(settings.retry, since, now)) {
        run.ended(delivery, 'undeliverable')
        return null
      }
      return { dueAt: this.#restUntil(since, now), endpoint, heldBack: true, failing: true }
    }
    return this.#send(run, delivery, hook, endpoint, permit)
  }

  async #send(
    run: LaneRun,
    delivery: ClaimedDelivery,
    hook: Hook,
    endpoint: string,
    permit: 'go' | 'probe',
  ): Promise<Rest | null> {
    const { sender, endpoints, settings, observer, reports } = this.#parts
    const startedAt = Date.now()
    const { attemptNumber } = run
    const target = { lane: run.lane, delivery, hook, number: attemptNumber }
    const span = observer.attempting?.(target) ?? null
    faultPoint('attempt.before-send')
    const sent = await sender.send(hook, {
      id: delivery.id,
      body: delivery.body,
      attemptNumber,
      place: { sequence: delivery.sequence, previousId: delivery.previousId, gap: run.gapBefore(delivery) },
      replay: delivery.replayOf !== null,
      traceparent: span?.traceparent ?? delivery.traceparent,
      reads: isCreateUser(delivery) ? 'ect_user_id' : isOffered(delivery) ? 'offer' : undefined,
    })
    faultPoint('attempt.after-answer')
    observer.attempted?.(target, sent?.attempt ?? null, span)
    const now = Date.now()
    // Broken off: whether the receiver has it is not known. It is made again, under the same number.
    if (sent === null) return { dueAt: now }
    const { attempt, verdict } = sent
    endpoints.observe({ lane: run.lane, hook, endpoint, permit, verdict, startedAt })
    if (verdict.kind === 'acknowledged') {
      // before the delivery ends: what was answered counts, also if this process dies here
      if (verdict.offer) await reports.offerAnswered?.({ lane: run.lane, body: delivery.body, ...verdict.offer })
      run.tried(delivery, attempt, { ended: 'delivered', refused: false })
      if (verdict.ectUserId === undefined) return null
      // What waits has the id in it once that is written, and is read again.
      run.learned(verdict.ectUserId)
      return { dueAt: now }
    }
    const refused = verdict.kind === 'refused'
    if (refused) run.works()
    // A process that stood still in the middle tried for no longer than an attempt lasts.
    const failingSince = refused ? now : run.failing(Math.max(startedAt, now - sender.timeoutMs)).getTime()
    const step = nextStep(settings.retry, {
      verdict,
      failures: run.failures + 1,
      refusals: run.refusals + (refused ? 1 : 0),
      isOptional: isCreateUser(delivery),
      durationMs: attempt.durationMs,
      // A process that stood still beyond its lease does not know how long the head was tried; its next holder does.
      failingSince: now < run.leaseUntil ? failingSince : now,
      now,
    })
    if ('end' in step) {
      run.tried(delivery, attempt, { ended: step.end, refused })
      return null
    }
    run.tried(delivery, attempt, { ended: null, refused })
    const retryAt = now + step.retryInMs
    if (refused) return { dueAt: retryAt }
    if (!endpoints.isOpen(endpoint)) return { dueAt: retryAt, endpoint, failing: true }
    // The breaker would hold it back when it comes again, so it rests now.
    const dueAt = Math.max(retryAt, this.#restUntil(failingSince, now))
    return { dueAt, endpoint, heldBack: true, failing: true }
  }

  /** When a lane that waits for an open breaker looks for itself, if nothing wakes it before. */
  #restUntil(failingSince: number, now: number): number {
    const { breakerRest, retry } = this.#parts.settings
    return Math.min(now + breakerRest, failingSince + retry.deadline)
  }

  /** What waits for a disabled hook is kept until that is enabled, for seven days; the time does not count as failing. */
  #waitForHook(run: LaneRun, delivery: ClaimedDelivery, now: number): Rest | null {
    const { keptWhileDisabled, disabledRest } = this.#parts.settings
    const keptUntil = delivery.createdAt.getTime() + keptWhileDisabled
    run.forgiven()
    if (now < keptUntil) return { dueAt: Math.min(keptUntil, now + disabledRest) }
    run.ended(delivery, 'undeliverable')
    return null
  }

  #leave(run: LaneRun, { dueAt, endpoint, heldBack = false, failing = false }: Rest): void {
    const { writer, endpoints, onLeft } = this.#parts
    const { failingSince } = run
    writer.release(run, new Date(dueAt), ({ held, more, hurried }) => {
      onLeft(run, held && more ? (hurried ? Date.now() : dueAt) : null)
      if (!held) return
      if (endpoint !== undefined) endpoints.rest(endpoint, run.lane, heldBack)
      if (failing && failingSince !== null) this.#reportFailing(run.lane, failingSince)
    })
  }

  #reportFailing(lane: LaneKey, failingSince: Date): void {
    const { reporter, reports } = this.#parts
    const { bucket, organisationId, listener, userId } = lane
    reporter.run(() => reports.laneFailing?.({ bucket, organisationId, listener, userId, failingSince }))
  }
}
