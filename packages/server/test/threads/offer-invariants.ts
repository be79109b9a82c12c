/** What holds of offers. */
import assert from 'node:assert/strict'
import type { EventEffect } from '../../src/threads/types.js'
import type { Done } from './moment.js'

/** The number of the offer that an event is about. */
export function offerOf({ metadata }: EventEffect): number | undefined {
  const told = typeof metadata === 'string' ? sent(metadata) : metadata
  return told?.offer_number as number | undefined
}

function sent(metadata: string): Record<string, unknown> | null {
  try {
    return JSON.parse(metadata) as Record<string, unknown>
  } catch {
    return null
  }
}

const OF_OFFERS = /^(offered|accepted|declined|expired|withdrawn)$/
const ENDS = /^(accepted|declined|expired|withdrawn)$/

/**
 * One at most, made by the owner, who keeps control until it is accepted. Each ends in exactly one of accepted, declined,
 * expired and withdrawn, and its numbers leave out none.
 */
export function offers(moment: Done): void {
  const { before, after, events, command } = moment
  const told = events.filter((event) => OF_OFFERS.test(event.subtype) && offerOf(event) !== undefined)
  const ends = told.filter(({ subtype }) => ENDS.test(subtype))
  const begun = told.filter(({ subtype }) => subtype === 'offered')

  const isKept = before.offer !== null && after.offer?.number === before.offer.number
  if (isKept) assert.deepEqual(after.offer, before.offer)
  assert.equal(ends.length, before.offer === null || isKept ? 0 : 1)
  assert.equal(begun.length, after.offer === null || isKept ? 0 : 1)
  assert.equal(after.offerNumber, before.offerNumber + begun.length)
  if (after.offer) standing(moment)
  const [end] = ends
  if (end) ended(moment, end)
  const isAccepted = end?.subtype === 'accepted'
  if (isAccepted) assert.ok(command.kind === 'event' && /^(accepted|allocated)$/.test(command.subtype))
  // control goes to who was asked by its own answer, or by what anybody may do
  if (isAccepted) assert.equal(after.owner, before.offer?.to)
  else if (command.kind === 'event' && before.owner !== after.owner) assert.equal(after.owner, null)
}

function standing({ before, after, events, listeners, now }: Done): void {
  const { offer } = after
  assert.ok(offer && offer.from === after.owner && offer.to !== after.owner && offer.receivers.includes(offer.to))
  assert.equal(offer.number, after.offerNumber)
  if (offer.number === before.offerNumber) return
  const offered = events.find(({ subtype }) => subtype === 'offered')
  assert.deepEqual(offered?.to, [offer.to])
  assert.equal(offer.expiresAt, now + offer.within * 1000)
  assert.ok(!after.memory.failed.includes(offer.to) || after.pendingRequest?.from === offer.to)
  const to = listeners.find(({ id }) => id === offer.to)
  assert.ok(to?.enabled && to.reachable && to.hooks.has('message.receive') && to.hooks.has('thread_control.offered'))
}

/** Both hear how it ended, but for who ended it. Of the others the next one is asked only if none took it. */
function ended({ before, after, command, now, listeners, policy }: Done, { subtype, to, except }: EventEffect): void {
  const { offer } = before
  assert.ok(offer)
  const asked = after.offerNumber > before.offerNumber
  const heard = to === 'all' ? [] : to.filter((id) => id !== except)
  switch (subtype) {
    case 'accepted':
    case 'declined':
      assert.ok(command.kind === 'event' && command.from === offer.to)
      assert.deepEqual(heard, [offer.from])
      if (asked && subtype === 'accepted') assert.fail('accepted, and another is asked')
      break
    case 'expired': {
      const receiver = listeners.find(({ id }) => id === offer.to)
      const lost = (receiver?.failingSince ?? Infinity) + policy.unreachableAfter * 1000 <= now
      const reported = command.kind === 'unreachable' || (command.kind === 'disabled' && !receiver?.enabled)
      assert.ok(offer.expiresAt <= now || lost || reported)
      assert.deepEqual(heard, [offer.from, offer.to])
      break
    }
    default:
      assert.deepEqual(heard, except === undefined ? [offer.to, offer.from] : [offer.to])
      assert.ok(!asked)
      assert.ok(before.owner !== after.owner || (command.kind === 'event' && command.from === before.owner))
  }
  const isNext = after.offer?.receivers.join() === offer.receivers.join() && command.kind !== 'offer'
  if (asked && isNext) assert.ok(offer.receivers.indexOf(after.offer?.to ?? '') > offer.receivers.indexOf(offer.to))
}
