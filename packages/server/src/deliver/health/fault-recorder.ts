import { setTimeout as sleep } from 'node:timers/promises'
import { v7 as uuidv7 } from 'uuid'
import { isUnavailable } from '../../database/database.js'
import type { Queryable } from '../../database/queryable.js'
import type { LaneKey } from '../../lanes/lane-key.js'
import type { DeliveryLog } from '../reports.js'
import {
  type BreakerRecord,
  type FaultKind,
  type FaultRecord,
  pruneFaults,
  recordBreakers,
  recordFaults,
} from './fault-rows.js'

/** Milliseconds: long enough for an operator to come back to it. */
const FAULTS_KEPT_MS = 7 * 24 * 3_600_000
/** Milliseconds. */
const PRUNE_EVERY_MS = 3_600_000

/**
 * Writes down for operators which endpoints this process holds to be failing, and what it failed at itself. Each process
 * writes its own, now and then, so that a fault costs no more than its record.
 */
export class FaultRecorder {
  readonly #db: Queryable
  readonly #log: DeliveryLog
  readonly #openBreakers: () => BreakerRecord[]
  readonly #process = uuidv7()
  #faults = new Map<string, FaultRecord>()
  /** The breakers that were written last, by listener and origin. */
  #written = new Map<string, BreakerRecord>()
  #prunedAt = Date.now()

  constructor(db: Queryable, log: DeliveryLog, openBreakers: () => BreakerRecord[]) {
    this.#db = db
    this.#log = log
    this.#openBreakers = openBreakers
  }

  /** The process itself could not deliver. A database that is away is no fault of it, and takes no record either. */
  record({ bucket, organisationId, listener }: LaneKey, deliveryId: string, fault: FaultKind, error: unknown): void {
    if (isUnavailable(error)) return
    const now = new Date()
    const fact = { bucket, organisationId, listener, deliveryId, fault, error: classOf(error) }
    this.#add({ ...fact, count: 1, firstAt: now, lastAt: now })
  }

  /** Never rejects: what cannot be written now is written the next time. */
  async write(): Promise<void> {
    const faults = this.#faults
    this.#faults = new Map()
    try {
      if (faults.size > 0) await recordFaults(this.#db, [...faults.values()])
      faults.clear()
      await this.#writeBreakers(this.#openBreakers())
      await this.#prune()
    } catch (error) {
      for (const fault of faults.values()) this.#add(fault)
      this.#log.warn({ err: error }, 'faults and open breakers could not be written down')
    }
  }

  /** Writes what is left, and removes the breakers: they end with the process. */
  async close(deadlineMs: number): Promise<void> {
    const last = this.write().then(() => this.#writeBreakers([]).catch(() => {}))
    await Promise.race([last, sleep(deadlineMs, undefined, { ref: false })])
  }

  #add(record: FaultRecord): void {
    const key = `${record.deliveryId} ${record.fault}`
    const known = this.#faults.get(key)
    if (known === undefined) this.#faults.set(key, record)
    else {
      const [first, last] = known.lastAt <= record.lastAt ? [known, record] : [record, known]
      this.#faults.set(key, { ...last, count: known.count + record.count, firstAt: first.firstAt })
    }
  }

  async #writeBreakers(open: BreakerRecord[]): Promise<void> {
    const before = this.#written
    if (open.length === 0 && before.size === 0) return
    await recordBreakers(this.#db, this.#process, open, new Date())
    this.#written = new Map(open.map((breaker) => [nameOf(breaker), breaker]))
    for (const [name, breaker] of this.#written)
      if (!before.has(name)) this.#log.warn(breaker, 'an endpoint is failing')
    for (const [name, breaker] of before)
      if (!this.#written.has(name)) this.#log.warn(breaker, 'an endpoint is not failing any more')
  }

  async #prune(): Promise<void> {
    const now = Date.now()
    if (now - this.#prunedAt < PRUNE_EVERY_MS) return
    this.#prunedAt = now
    await pruneFaults(this.#db, new Date(now - FAULTS_KEPT_MS))
  }
}

const nameOf = ({ organisationId, listener, origin }: BreakerRecord) => `${organisationId}/${listener}\0${origin}`

function classOf(error: unknown): string {
  const { code, name } = (error ?? {}) as { code?: unknown; name?: unknown }
  return [code, name].find((text): text is string => typeof text === 'string' && text !== '') ?? 'unknown'
}
