import { randomUUID } from 'node:crypto'
import { faultPoint } from '../database/fault-points.js'
import type { Queryable } from '../database/queryable.js'
import { passOverOutages, releaseBuckets, shareBuckets } from '../lanes/bucket-leases.js'
import type { DeliveryLog } from './reports.js'

export interface BucketSharingOptions {
  db: Queryable
  log: DeliveryLog
  /** Milliseconds without a round after which a process has lost its buckets. */
  lease: number
  /** Told of the buckets to serve from now on, and of how many processes there are. */
  onShare: (buckets: readonly number[], processes: number) => void
  /** Tells the other processes that they may lease or have to give back buckets. */
  announce: () => void
}

/**
 * Keeps this process's share of the buckets. There is no coordinator but the database.
 *
 * States
 *   outside   before `join`: the process serves no bucket
 *   member    a round succeeded less than a lease ago: its buckets are its own
 *   doubtful  no round for a lease: others may serve its buckets, so `current` makes a round before they are worked on
 *   gone      after `leave`: every bucket is given back, and no round follows
 *
 * A round renews the lease on buckets, gives back those beyond the share and leases free ones up to it. A round follows
 * each heartbeat, and each announcement that a process came, went, or gave buckets back.
 *
 * What holds: two processes serve one bucket at most for as long as one of them stands still, and even then the tokens
 * of lanes keep each from writing for the other. A process that dies loses its buckets after one lease.
 */
export class BucketSharing {
  readonly #options: BucketSharingOptions
  readonly #owner = randomUUID()
  #round: Promise<void> | undefined
  #again = false
  #left = false
  /** When the last round began that succeeded. */
  #sharedAt = Number.NEGATIVE_INFINITY

  constructor(options: BucketSharingOptions) {
    this.#options = options
  }

  async join(): Promise<void> {
    await this.look()
    this.#options.announce()
  }

  /** A round. One that is asked for during another follows it. Never rejects: without the database, nothing changes. */
  look(): Promise<void> {
    this.#again = true
    this.#round ??= this.#rounds().finally(() => {
      this.#round = undefined
    })
    return this.#round
  }

  /** Resolves while the buckets are this process's own; after a silence of a lease, another round comes first. */
  async current(): Promise<void> {
    if (Math.abs(Date.now() - this.#sharedAt) >= this.#options.lease) await this.look()
  }

  /** Gives every bucket back. Never rejects: without the database, the leases lapse. */
  async leave(): Promise<void> {
    this.#left = true
    await this.#round
    const { db, log, onShare, announce } = this.#options
    onShare([], 1)
    try {
      await releaseBuckets(db, this.#owner)
      announce()
    } catch (error) {
      log.warn({ err: error }, 'buckets could not be given away')
    }
  }

  async #rounds(): Promise<void> {
    const { db, log, lease, onShare, announce } = this.#options
    while (this.#again && !this.#left) {
      this.#again = false
      try {
        const startedAt = Date.now()
        const { buckets, released, unserved, processes } = await shareBuckets(db, this.#owner, lease)
        faultPoint('buckets.after-share')
        if (unserved.length > 0) await passOverOutages(db, unserved)
        this.#sharedAt = startedAt
        onShare(buckets, processes)
        if (released) announce()
      } catch (error) {
        log.warn({ err: error }, 'the buckets could not be shared out')
      }
    }
  }
}
