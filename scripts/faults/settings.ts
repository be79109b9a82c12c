import { DELIVERY_SETTINGS, type DeliverySettings } from '../../packages/server/src/deliver/settings.js'
import type { RetentionSettings } from '../../packages/server/src/upkeep/retention.js'
import type { StraySettings } from '../../packages/server/src/upkeep/stray-files.js'

/** Longer than an attempt of 5 s takes, by more than a heartbeat. */
export const LEASE_MS = 7_000

/** Short, so that control returns within a run from a desk that cannot be reached. */
export const UNREACHABLE_AFTER_MS = 10_000

/** History from before the run is removed while it goes on; what the run itself writes stays. */
export const RETENTION: Partial<RetentionSettings> = { look: 200, round: 3_000, rows: 25, users: 50 }

/** What an erased user leaves goes within a run. */
export const STRAY_FILES: Partial<StraySettings> = { look: 500, again: 3_000 }

/** Pauses that a run cannot wait for in full. No delivery is given up for lack of time. */
export const QUICK: Partial<DeliverySettings> = {
  retry: {
    ...DELIVERY_SETTINGS.retry,
    delays: [50, 200, 500, 1_000],
    refusalDelays: [50, 200, 500, 1_000],
    longestRetryAfter: 2_000,
  },
  breaker: { failures: 10, firstProbe: 200, longestProbe: 1_000, probeLost: 6_000 },
  lease: LEASE_MS,
  heartbeat: 1_000,
  poll: 500,
  breakerRest: 2_000,
  disabledRest: 1_000,
}
