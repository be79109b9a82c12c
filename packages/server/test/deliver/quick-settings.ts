import { PATIENCE_MS } from '@tract/testing/until'
import { parseEgressAllow } from '../../src/deliver/send/address-rules.js'
import { DELIVERY_SETTINGS, type DeliverySettings } from '../../src/deliver/settings.js'

export const LOOPBACK = parseEgressAllow('127.0.0.0/8,::1/128,http')

/** The schedule in milliseconds instead of minutes. */
export const QUICK: Partial<DeliverySettings> = {
  retry: { ...DELIVERY_SETTINGS.retry, delays: [10, 20, 30], refusalDelays: [10, 20, 30, 40] },
  breaker: { failures: 10_000, firstProbe: 20, longestProbe: 100, probeLost: 1_000 },
  poll: 100,
}

/** For attempts that are to succeed: no busy machine takes so long. */
export const PATIENT_TIMEOUT_MS = PATIENCE_MS
/** … and longer than one of them: what is under way is not taken for lost. */
export const PATIENT_LEASE: Partial<DeliverySettings> = { lease: 2 * PATIENT_TIMEOUT_MS }
/** For attempts that are never answered, and end no other way. */
export const HASTY_TIMEOUT_MS = 500

/** Long enough for a busy machine: an attempt that is given up may arrive all the same, later than those after it. */
export const SHORT_TIMEOUT_MS = 2_000

/** A process that died has lost its lanes soon after such an attempt. */
export const SHORT_LEASE: Partial<DeliverySettings> = { lease: 3_000, heartbeat: 500 }
