import { randomUUID } from 'node:crypto'
import { faultPoint } from '../database/fault-points.js'
import type { Queryable } from '../database/queryable.js'
import { passOverGaps, releaseBuckets, shareBuckets } from '../lanes/bucket-leases.js'
import type { DeliveryLog } from './reports.js'

export interface BucketSharingOptions {
  db: Queryable
  log: DeliveryLog
  /** A process that says nothing for so long has lost its buckets. */
  lease: number
  /** These are the buckets to serve, from now on. */
  onShare: (buckets: readonly number[]) => void
  /** Tells the other processes that they may have something to take, or to give. */
  announce: () => void
}

/** Keeps this process's share of the buckets: there is no coordinator but the database. */
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

  /** A round. One that is asked for during another follows it. Never rejects: without the database, it stays as it is. */
  look(): Promise<void> {
    this.#again = true
    this.#round ??= this.#rounds().finally(() => {
      this.#round = undefined
    })
    return this.#round
  }

  /** Not if this process has said nothing for so long that its buckets are no longer its own: then after another round. */
  async current(): Promise<void> {
    if (Math.abs(Date.now() - this.#sharedAt) >= this.#options.lease) await this.look()
  }

  /** Gives every bucket away. Never rejects: if the database is away, the others find out by themselves. */
  async leave(): Promise<void> {
    this.#left = true
    await this.#round
    const { db, log, onShare, announce } = this.#options
    onShare([])
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
        const { buckets, released, unserved } = await shareBuckets(db, this.#owner, lease)
        faultPoint('buckets.after-share')
        if (unserved.length > 0) await passOverGaps(db, unserved)
        this.#sharedAt = startedAt
        onShare(buckets)
        if (released) announce()
      } catch (error) {
        log.warn({ err: error }, 'the buckets could not be shared out')
      }
    }
  }
}
