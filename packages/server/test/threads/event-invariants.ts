/** What holds of the events that a decision brings, and of who is told. */
import assert from 'node:assert/strict'
import type { Thread } from '../../src/threads/types.js'
import { type Done, isOpen, kindOf } from './moment.js'

/** Every event bears the number of its own conversation, numbers never run backwards, and the last state is the true one. */
export function eventNumbers({ before, after, events }: Done): void {
  let last = before.conversationNumber
  for (const { conversationNumber } of events) {
    assert.ok(conversationNumber >= last && conversationNumber <= after.conversationNumber)
    last = conversationNumber
  }
  const told = events.filter(({ type }) => type === 'conversation_state')
  for (const { metadata, subtype, conversationNumber } of told) {
    assert.ok(typeof metadata === 'object' && metadata !== null)
    assert.equal(metadata.conversation_number, String(conversationNumber))
    assert.equal(metadata.owner, after.owner)
    assert.equal(metadata.epoch, after.epoch)
    assert.equal(conversationNumber, subtype === 'complete' ? before.conversationNumber : after.conversationNumber)
  }
  const moved = (thread: Thread) => [thread.conversationNumber, thread.conversationState].join()
  if (moved(before) !== moved(after)) {
    assert.equal(told.at(-1)?.subtype, after.conversationState)
    assert.equal(told.at(-1)?.conversationNumber, after.conversationNumber)
  }
  const completes = isOpen(before) && (!isOpen(after) || before.conversationNumber < after.conversationNumber)
  assert.equal(told.filter(({ subtype }) => subtype === 'complete').length, completes ? 1 : 0)
}

/** The new owner is told exactly once, the old one too unless it said so itself or is gone; history goes to desks. */
export function tellings(moment: Done): void {
  const { before, after, events, decision, command } = moment
  const history = decision.effects.filter((effect) => effect.kind === 'history')
  if (before.owner === after.owner) {
    // what an agent desk reads before it answers an offer
    const asked = after.offerNumber > before.offerNumber ? after.offer?.to : undefined
    for (const { to } of history) assert.equal(to, asked)
    return
  }
  const gained = events.filter(
    ({ subtype, to }) => /^(assigned|returned)$/.test(subtype) && to.includes(after.owner ?? ''),
  )
  assert.equal(gained.length, after.owner === null ? 0 : 1)
  const lost = events.filter(
    (event) => /^(released|taken|returned)$/.test(event.subtype) && event.to.includes(before.owner ?? ''),
  )
  const completed = events.some((event) => event.subtype === 'complete' && event.formerOwner === before.owner)
  if (before.owner !== null && command.kind !== 'ceu_message') assert.ok(lost.length === 1 || completed)
  assert.ok(lost.length <= 1)
  for (const { to } of history) {
    assert.equal(to, after.owner)
    assert.ok(/ect|sac/.test(kindOf(moment, to) ?? ''))
  }
}
