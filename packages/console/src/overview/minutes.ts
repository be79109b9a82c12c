/** The hour of an overview, minute by minute, those in which nothing happened included. */
import type { Overview, OverviewMinute } from '@tract/contract'

const MINUTES = 60
const MINUTE_MS = 60_000

type Figures = Required<OverviewMinute>

/** @param listeners whose minutes are added up; the longest lag of any of them counts */
export function minutesOf({ from, listeners }: Overview, wanted?: string): Figures[] {
  const start = Date.parse(from)
  const all = Array.from({ length: MINUTES }, (_, at) => ({
    ...{ at: new Date(start + at * MINUTE_MS).toISOString(), accepted: 0, delivered: 0, failed: 0, lag_ms: 0 },
  }))
  for (const { listener_id, minutes } of listeners) {
    if (wanted !== undefined && listener_id !== wanted) continue
    for (const { at, accepted, delivered, failed, lag_ms = 0 } of minutes) {
      const minute = all[(Date.parse(at) - start) / MINUTE_MS]
      if (!minute) continue
      minute.accepted += accepted
      minute.delivered += delivered
      minute.failed += failed
      minute.lag_ms = Math.max(minute.lag_ms, lag_ms)
    }
  }
  return all
}

/** How many of the attempts were acknowledged, as a person reads it; nothing where there were none. */
export function successRate({ delivered, failed }: { delivered: number; failed: number }): string | undefined {
  const attempts = delivered + failed
  if (attempts === 0) return undefined
  const share = (100 * delivered) / attempts
  // a single failure among very many must not look like none
  return `${share === 100 || share < 99.9 ? share.toFixed(share === 100 ? 0 : 1) : '99.9'} %`
}
