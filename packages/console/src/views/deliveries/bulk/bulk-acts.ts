/** What can be done with many deliveries, and with which of those that a filter finds. */
import type { Delivery, DeliveryState } from '@tract/contract'

export interface BulkAct {
  value: string
  label: string
  how: 'replay' | 'retry' | 'skip'
  /** Of these alone; undefined: whatever has ended. */
  state: DeliveryState | undefined
  /** Said before it is done, where it may do harm. */
  warning?: string
}

const SEEN = 'The receiver has had some of these: it has to know a delivery that it sees twice.'

/** The first is what one means as a rule. */
export const ACTS = [
  { value: 'failed', label: 'Replay those that failed (undeliverable)', how: 'replay', state: 'undeliverable' },
  {
    value: 'retry',
    label: 'Retry now what was tried without success and waits (pending)',
    how: 'retry',
    state: 'pending',
  },
  { value: 'cancelled', label: 'Replay those that were skipped or cancelled', how: 'replay', state: 'cancelled' },
  {
    value: 'skip',
    label: 'Skip what waits (pending)',
    how: 'skip',
    state: 'pending',
    warning: 'The receiver does not hear of these, unless they are replayed later.',
  },
  {
    value: 'delivered',
    label: 'Replay those that were acknowledged',
    how: 'replay',
    state: 'delivered',
    warning: SEEN,
  },
  { value: 'ended', label: 'Replay all that have ended', how: 'replay', state: undefined, warning: SEEN },
] as const satisfies readonly BulkAct[]

/** What is proposed for a list: what failed, unless the list is of another state. */
export function proposedFor(state: string): BulkAct {
  const values: Partial<Record<string, string>> = { pending: 'retry', cancelled: 'cancelled', delivered: 'delivered' }
  return ACTS.find(({ value }) => value === values[state]) ?? ACTS[0]
}

export const actOf = (value: string): BulkAct => ACTS.find((act) => act.value === value) ?? ACTS[0]

/** More than these, or anything with a warning, asks for the number. */
const MOST_UNASKED = 20

export const isBraked = (act: BulkAct, count: number): boolean =>
  count > 0 && (act.warning !== undefined || count > MOST_UNASKED)

/** By user, each with what is found of the user's lane in its order. */
export function lanesOf(deliveries: readonly Delivery[]): Delivery[][] {
  const lanes = new Map<string, Delivery[]>()
  for (const delivery of deliveries) {
    const lane = lanes.get(delivery.user_id)
    if (lane) lane.push(delivery)
    else lanes.set(delivery.user_id, [delivery])
  }
  return [...lanes.values()].map((lane) => lane.toSorted((a, b) => a.sequence - b.sequence))
}

/** Those of the found that the act is about, the oldest first. Only the first of a lane is tried: the others have to wait for it. */
export function chosenOf({ how }: BulkAct, found: readonly Delivery[]): Delivery[] {
  const oldestFirst = found.toSorted((a, b) => a.created_at.localeCompare(b.created_at) || a.sequence - b.sequence)
  if (how === 'replay') return oldestFirst.filter(({ state }) => state !== 'pending')
  if (how === 'skip') return oldestFirst
  const heads = new Set(lanesOf(found).map(([head]) => head))
  return oldestFirst.filter((delivery) => delivery.attempts > 0 && heads.has(delivery))
}

/** How many go to which hook, the most first. */
export function byHook(deliveries: readonly Delivery[]): [hook: string, count: number][] {
  const counts = new Map<string, number>()
  for (const { category, subcategory } of deliveries) {
    const hook = `${category}/${subcategory}`
    counts.set(hook, (counts.get(hook) ?? 0) + 1)
  }
  return [...counts].toSorted((a, b) => b[1] - a[1] || a[0].localeCompare(b[0]))
}
