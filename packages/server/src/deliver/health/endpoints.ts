import { type LaneKey, listenerKey } from '../../lanes/lane-key.js'
import type { Hook } from '../hook-directory.js'
import { laneId } from '../lane-id.js'
import type { DeliveryReports, HookReport, Reporter } from '../reports.js'
import type { Verdict } from '../send/acknowledgement.js'
import { addressOf } from '../send/hook-address.js'
import type { DeliverySettings } from '../settings.js'
import { Breakers, type Permit } from './breaker.js'
import type { BreakerRecord } from './fault-rows.js'
import { HookHealth } from './hook-health.js'
import type { Slots } from './slots.js'

/** Lanes remembered for each failing endpoint, for memory's sake; any beyond come back by themselves after their rest. */
const MOST_RESTING = 10_000
/** Milliseconds: a delivery that was asked for comes by itself in that time and is the probe, before a resting lane is woken. */
const ASKED_FOR_FIRST_MS = 250

export interface EndpointsParts {
  slots: Slots
  reporter: Reporter
  reports: DeliveryReports
  settings: DeliverySettings
  /** Milliseconds for which this process has been trying. */
  tried: () => number
  /** An endpoint of the listener works again: other processes try what waits for it. */
  recovered: (organisationId: string, listener: string) => void
  /** Makes resting lanes due now. */
  wakeLanes: (lanes: LaneKey[]) => void
}

export interface Observation {
  lane: LaneKey
  hook: Hook
  endpoint: string
  permit: Permit
  verdict: Verdict
  startedAt: number
}

/** What this process knows of how each (listener, hook origin) is doing, and which lanes rest because of it. */
export class Endpoints {
  readonly #parts: EndpointsParts
  readonly #breakers: Breakers
  readonly #health: HookHealth
  readonly #resting = new Map<string, Map<string, LaneKey>>()
  readonly #probes = new Map<string, NodeJS.Timeout>()

  constructor(parts: EndpointsParts) {
    this.#parts = parts
    this.#breakers = new Breakers(parts.settings.breaker)
    const { hookUnreachableAfter: unreachableAfterMs } = parts.settings
    const longestPauseMs = longestPause(parts.settings)
    this.#health = new HookHealth({ unreachableAfterMs, longestPauseMs, tried: parts.tried })
  }

  keyOf({ organisationId, listener }: LaneKey, hook: Hook): string {
    return `${listenerKey(organisationId, listener)}\0${addressOf(hook).origin}`
  }

  /** Whether the lane's head may be sent now. While the breaker is open, one at a time may, as the probe. */
  admit(endpoint: string, lane: LaneKey, now: number): Permit {
    this.#resting.get(endpoint)?.delete(laneId(lane))
    return this.#breakers.admit(endpoint, now)
  }

  /** An attempt ended. Any answer shows that the endpoint works, unless it says itself that it does not. */
  observe({ lane, hook, endpoint, permit, verdict, startedAt }: Observation): void {
    const { slots, reporter, reports } = this.#parts
    const listener = listenerKey(lane.organisationId, lane.listener)
    const now = Date.now()
    const error = verdict.kind === 'retry' ? verdict.error : null
    if (error === 'timeout' || error === 'rate_limited') slots.slowDown(listener, startedAt, now)
    else if (verdict.kind === 'acknowledged') slots.speedUp(listener)
    if (verdict.kind === 'gone') reporter.run(() => reports.hookGone?.(reportOf(lane, hook)))
    if (error === null || error === 'rate_limited') this.#succeeded(lane, hook, endpoint)
    else this.#failed(lane, hook, endpoint, permit, now)
  }

  #succeeded(lane: LaneKey, hook: Hook, endpoint: string): void {
    const { reporter, reports } = this.#parts
    if (this.#health.succeeded(hook)) reporter.run(() => reports.hookRecovered?.(reportOf(lane, hook)))
    if (!this.#breakers.succeeded(endpoint)) return
    this.#wakeAll(endpoint)
    this.#parts.recovered(lane.organisationId, lane.listener)
  }

  #failed(lane: LaneKey, hook: Hook, endpoint: string, permit: Permit, now: number): void {
    const { reporter, reports } = this.#parts
    const { news, ...period } = this.#health.failed(hook, now)
    const report = { ...reportOf(lane, hook), ...period }
    if (news === 'failing') reporter.run(() => reports.hookFailing?.(report))
    if (news === 'unreachable') reporter.run(() => reports.hookUnreachable?.(report))
    const open = this.#breakers.failed(endpoint, permit, now)
    if (open !== undefined) this.#planProbe(endpoint, open.probeAt)
  }

  /**
   * The lane is back in the database, and waits for its endpoint.
   * @param heldBack by the breaker, not by its own schedule
   */
  rest(endpoint: string, lane: LaneKey, heldBack: boolean): void {
    const breaker = this.#breakers.find(endpoint)
    if (!breaker?.isOpen) {
      if (heldBack) this.#parts.wakeLanes([lane])
      return
    }
    let resting = this.#resting.get(endpoint)
    if (resting === undefined) {
      resting = new Map()
      this.#resting.set(endpoint, resting)
    }
    if (resting.size < MOST_RESTING) resting.set(laneId(lane), lane)
    if (!this.#probes.has(endpoint)) this.#planProbe(endpoint, breaker.probeAt)
  }

  /** What waits for this listener is tried now: the next lane to come is the probe, or else one of those that rest. */
  probeNow(organisationId: string, listener: string): void {
    const now = Date.now()
    for (const endpoint of this.#breakers.open(`${listenerKey(organisationId, listener)}\0`)) {
      this.#breakers.find(endpoint)?.probeNow(now)
      this.#planProbe(endpoint, now + ASKED_FOR_FIRST_MS)
    }
  }

  isOpen(endpoint: string): boolean {
    return this.#breakers.find(endpoint)?.isOpen ?? false
  }

  /** The listeners with an endpoint that is known to be failing, as `listenerKey` names them. */
  failingListeners(): string[] {
    return [...new Set(this.#breakers.open('').map((endpoint) => endpoint.slice(0, endpoint.indexOf('\0'))))]
  }

  /** The endpoints that are known to be failing. */
  openBreakers(): BreakerRecord[] {
    return this.#breakers.open('').map((endpoint) => {
      const [listener = '', origin = ''] = endpoint.split('\0')
      const slash = listener.indexOf('/')
      return {
        organisationId: listener.slice(0, slash),
        listener: listener.slice(slash + 1),
        origin,
        openedAt: new Date(this.#breakers.find(endpoint)?.openedAt ?? 0),
      }
    })
  }

  close(): void {
    for (const timer of this.#probes.values()) clearTimeout(timer)
    this.#probes.clear()
  }

  #planProbe(endpoint: string, at: number): void {
    clearTimeout(this.#probes.get(endpoint))
    const timer = setTimeout(() => this.#probe(endpoint), Math.max(0, at - Date.now()))
    timer.unref()
    this.#probes.set(endpoint, timer)
  }

  /** Wakes one lane, whose head will be the probe; if it never comes, the next. Without any, the first that comes by itself is. */
  #probe(endpoint: string): void {
    this.#probes.delete(endpoint)
    const resting = this.#resting.get(endpoint)
    const [next] = resting ?? []
    if (resting === undefined || next === undefined) return
    const [id, lane] = next
    resting.delete(id)
    this.#parts.wakeLanes([lane])
    this.#planProbe(endpoint, Date.now() + this.#parts.settings.breaker.probeLost)
  }

  #wakeAll(endpoint: string): void {
    clearTimeout(this.#probes.get(endpoint))
    this.#probes.delete(endpoint)
    const resting = this.#resting.get(endpoint)
    this.#resting.delete(endpoint)
    if (resting !== undefined) this.#parts.wakeLanes([...resting.values()])
  }
}

/** Between two attempts at an endpoint for which something waits. */
function longestPause({ retry, breakerRest, lease }: DeliverySettings): number {
  const scheduled = Math.max(...retry.delays) * (1 + retry.jitter)
  return Math.max(scheduled, retry.longestRetryAfter, breakerRest) + lease
}

function reportOf({ organisationId, listener }: LaneKey, hook: Hook): HookReport {
  return { hookId: hook.id, organisationId, listener }
}
