/** What a pending delivery waits for: its turn, its hook, the breaker of its endpoint, or the pause after an attempt. */
import type { Attempt, Delivery, DeliveryHealth, Hook, RetrySchedule } from '@tract/contract'

export interface Waits {
  text: string
  /** The delivery that it waits for. */
  behind?: Delivery
  /** When it is tried again, as far as the schedule says. */
  until?: string
  /** Since when what holds it up fails. */
  since?: string
}

export interface WaitKnown {
  delivery: Delivery
  attempts: readonly Attempt[]
  /** Of the same lane, all that has not ended, this one included. */
  pending: readonly Delivery[]
  hooks: readonly Hook[]
  health: DeliveryHealth | undefined
  retry: RetrySchedule
}

export function waitsFor({ delivery, attempts, pending, hooks, health, retry }: WaitKnown): Waits {
  const before = pending.filter(({ sequence }) => sequence < delivery.sequence)
  if (before.length > 0) {
    const behind = before.reduce((first, each) => (each.sequence < first.sequence ? each : first))
    const text =
      before.length === 1
        ? 'Its turn. One delivery of the same user comes before it:'
        : `Its turn. ${before.length} deliveries of the same user come before it, the first of them:`
    return { text, behind }
  }
  const hook = hooks.find((each) => nameOf(each) === nameOf(delivery))
  if (hook?.status === 'disabled') {
    const why = hook.disabled_reason ? ` (${hook.disabled_reason})` : ''
    return { text: `Its hook, which is paused${why}.` }
  }
  if (hook?.url === 'tract:stream') return { text: 'Its receiver, which fetches its hooks, as tract listen does.' }
  const origin = hook && originOf(hook.url)
  const breaker = health?.open_breakers.find((open) => open.origin === origin)
  if (breaker) {
    const text = `The breaker of ${breaker.origin}: its attempts fail, so that only one goes there at a time, now and then. It fails since`
    return { text, since: breaker.opened_at }
  }
  const last = attempts.at(-1)
  if (last === undefined) return { text: 'Nothing: it is on its way.' }
  return { text: `The pause after attempt ${last.number}. It is tried again in about`, until: nextAfter(last, retry) }
}

const nameOf = ({ category, subcategory }: Pick<Hook, 'category' | 'subcategory'>): string =>
  `${category}/${subcategory}`

const originOf = (url: string): string | undefined => (URL.canParse(url) ? new URL(url).origin : undefined)

/** Errors of a payload that is refused, which has a schedule of its own. */
const REFUSALS: readonly (string | undefined)[] = ['status_4xx', 'refused']

/** As the schedule has it, without its jitter; a `Retry-After` of the receiver is not known here. */
function nextAfter({ number, started_at, duration_ms, error }: Attempt, retry: RetrySchedule): string {
  const pauses = REFUSALS.includes(error) ? retry.refused_pauses : retry.pauses
  const seconds = pauses[Math.min(number, pauses.length) - 1] ?? 0
  return new Date(Date.parse(started_at) + duration_ms + seconds * 1000).toISOString()
}
