import type { LaneKey } from '../lanes/lane-key.js'
import type { OfferAnswer } from './send/offer-answer.js'

/** A head that is not getting through. */
export interface FailingLane extends LaneKey {
  failingSince: Date
}

export interface HookReport {
  hookId: string
  organisationId: string
  listener: string
}

export interface FailingHook extends HookReport {
  failingSince: Date
  /** For how long of that attempts were made and failed. */
  failingMs: number
}

/** What a listener's acknowledgement says to an offer of control. */
export interface AnsweredOffer extends OfferAnswer {
  lane: LaneKey
  /** Of the delivery that made the offer. */
  body: string
}

/**
 * What the engine tells other rooms, which decide what follows. `laneFailing` comes after the result is committed, the
 * others when an attempt ends, before that. A call that fails is logged, and comes again at the next occasion.
 */
export interface DeliveryReports {
  /** After every failed attempt of a head, and each time a head is held back since its endpoint is known to be failing. */
  laneFailing?(lane: FailingLane): void | Promise<void>
  /** The hook answered 410: it is to be disabled. */
  hookGone?(hook: HookReport): void | Promise<void>
  /** Nothing has succeeded at the hook for so long (5 days in which it was tried) that it is to be disabled. */
  hookUnreachable?(hook: FailingHook): void | Promise<void>
  /** Nothing has succeeded at the hook for another minute: to be kept with the hook, over a restart. */
  hookFailing?(hook: FailingHook): void | Promise<void>
  /** The first success after that. */
  hookRecovered?(hook: HookReport): void | Promise<void>
  /** The delivery is waiting for it: where it fails, the delivery is made again. */
  offerAnswered?(offer: AnsweredOffer): Promise<void>
}

/** Where the engine says what it could not do. */
export interface DeliveryLog {
  warn(details: object, message: string): void
  error(details: object, message: string): void
}

/** Runs reports without holding up deliveries, and knows when all are through. */
export class Reporter {
  readonly #log: DeliveryLog
  readonly #underWay = new Set<Promise<void>>()

  constructor(log: DeliveryLog) {
    this.#log = log
  }

  run(report: () => void | Promise<void> | undefined): void {
    const run = (async () => report())()
      .catch((error: unknown) => this.#log.error({ err: error }, 'a report of the delivery engine failed'))
      .finally(() => this.#underWay.delete(run))
    this.#underWay.add(run)
  }

  async settled(): Promise<void> {
    await Promise.all(this.#underWay)
  }
}
