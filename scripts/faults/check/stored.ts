import type { Receipt, Stored, StoredDelivery } from '../history/history.js'
import { REFUSALS } from './lanes.js'
import { grouped, laneName, type Violation, wrong } from './violation.js'

/** What the database holds at the end, against what the receivers saw. */
export function checkStored({ lanes, deliveries }: Stored, receipts: readonly Receipt[]): Violation[] {
  const violations: Violation[] = []
  const complain = (text: string) => violations.push(wrong('end', text))
  const byLane = grouped(deliveries, laneName)
  for (const lane of lanes) {
    const name = laneName(lane)
    if (lane.head !== lane.tail) complain(`${name} stands at ${lane.head} of ${lane.tail}`)
    const mine = (byLane.get(name) ?? []).sort((one, other) => one.sequence - other.sequence)
    byLane.delete(name)
    if (mine.length !== lane.tail) complain(`${name} has ${mine.length} deliveries, and its tail is ${lane.tail}`)
    mine.forEach(({ sequence, previousId }, index) => {
      if (sequence !== index + 1) complain(`${name} has ${sequence} in place ${index + 1}`)
      if (previousId !== (mine[index - 1]?.id ?? null)) complain(`${name} ${sequence} is stored after ${previousId}`)
    })
  }
  for (const name of byLane.keys()) complain(`${name} has deliveries, and is no lane`)

  const byDelivery = grouped(receipts, ({ id }) => id)
  for (const delivery of deliveries) {
    violations.push(...checkEnd(delivery, byDelivery.get(delivery.id) ?? []))
    byDelivery.delete(delivery.id)
  }
  for (const [id, [first]] of byDelivery) complain(`${id}, which came to ${first && laneName(first)}, is not stored`)
  return violations
}

function checkEnd(delivery: StoredDelivery, receipts: readonly Receipt[]): Violation[] {
  const name = `${laneName(delivery)} ${delivery.sequence} (${delivery.id})`
  const outcomes = receipts.map(({ outcome }) => outcome)
  const { state, acknowledged } = delivery
  if (state === 'delivered' && !acknowledged)
    return [wrong('end', `${name} is delivered, and its last attempt was not acknowledged`)]
  if (state === 'delivered') {
    if (outcomes.includes('acknowledged') || outcomes.includes('unsure')) return []
    return [
      wrong('arrives', `${name} is delivered without an acknowledgement (${outcomes.join(', ') || 'never came'})`),
    ]
  }
  if (state !== 'undeliverable') return [wrong('arrives', `${name} is ${state} at the end`)]
  const refusals = outcomes.filter((outcome) => outcome === 'refused').length
  return refusals >= REFUSALS ? [] : [wrong('arrives', `${name} was given up after ${refusals} refusals`)]
}
