/** For suites about lanes and their rows: an engine, empty before each test, on which no dispatcher runs. */
import { afterAll, beforeAll, beforeEach } from '@jest/globals'
import { type ClaimOptions, claim } from '../../src/deliver/claims.js'
import type { LaneResult } from '../../src/deliver/results.js'
import type { ClaimedLane } from '../../src/lanes/offer.js'
import { Engine } from './engine.js'

export let engine: Engine
export const USER = '8812'
const NOW = Date.parse('2026-11-22T09:00:00.000Z')
export const at = (ms: number) => new Date(NOW + ms)

export const deliveriesOf = (listener: string) => engine.stored.rows('deliveries', { listener }, 'sequence')
export const laneRow = (listener = 'desk') => engine.stored.row('lanes', { listener, user_id: USER })

export const claimOne = async (now = 0, options: Partial<ClaimOptions> & { lease?: number } = {}) => {
  const { lease = 10_000, ...rest } = options
  const { bucket } = engine.key(USER)
  const leaseUntil = at(now + lease)
  const standard = { buckets: [bucket], limit: 10, perLane: 10, now: at(now), leaseUntil, except: [], failing: [] }
  return claim(engine.pool, { ...standard, ...rest })
}

export const resultOf = (lane: ClaimedLane, result: Partial<LaneResult> = {}): LaneResult => ({
  bucket: lane.bucket,
  organisationId: lane.organisationId,
  listener: lane.listener,
  userId: lane.userId,
  lease: lane.lease,
  since: lane.endedTo,
  endedTo: lane.endedTo,
  failures: 0,
  attemptsMade: 0,
  refusals: 0,
  failingSince: null,
  unacknowledged: 0,
  releaseAt: at(0),
  ectUserId: null,
  ends: [],
  attempts: [],
  ...result,
})

export function useEngine(): void {
  beforeAll(async () => {
    engine = await Engine.create()
  })
  beforeEach(() => engine.clear())
  afterAll(() => engine.close())
}
