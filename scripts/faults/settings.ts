import { DELIVERY_SETTINGS, type DeliverySettings } from '../../packages/server/src/delivery/settings.js'

/** Longer than an attempt of 5 s takes, by more than a heartbeat. */
export const LEASE_MS = 7_000

/** What a run cannot wait for in full length. Nothing is given up for lack of time. */
export const QUICK: Partial<DeliverySettings> = {
  retry: { ...DELIVERY_SETTINGS.retry, delays: [50, 200, 500, 1_000], longestRetryAfter: 2_000 },
  breaker: { failures: 10, firstProbe: 200, longestProbe: 1_000, probeLost: 6_000 },
  lease: LEASE_MS,
  heartbeat: 1_000,
  poll: 500,
  breakerRest: 2_000,
  disabledRest: 1_000,
}
