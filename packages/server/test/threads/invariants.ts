import assert from 'node:assert/strict'
import { defaultListener, hears, isPrimary } from '../../src/threads/roles.js'
import type { Accepted, Command, ControlCommand, RefusalCode, Refused } from '../../src/threads/types.js'
import { eventNumbers, tellings } from './event-invariants.js'
import { type Done, isMissed, isOpen, kindOf, type Moment, needsControl } from './moment.js'
import { offerOf, offers } from './offer-invariants.js'
import { heard, returns } from './return-invariants.js'
import { deadline, idleness, timers } from './time-invariants.js'

const holders = new Set<string | undefined>(['iva', 'sac', 'ect'])

const control: readonly RefusalCode[] = ['no_conversation', 'unknown_receiver', 'receiver_disabled']
const barred: readonly RefusalCode[] = ['receiver_not_allowed', 'receiver_unreachable']
/** A pass of a primary to itself is a take, hence its conflict. */
const REFUSALS: Record<Command['kind'], readonly RefusalCode[]> = {
  ceu_message: ['no_default_receiver'],
  listener_message: ['not_in_control', 'conversation_over'],
  haptik_message: [],
  edited: ['not_in_control', 'conversation_over'],
  deleted: ['conversation_over'],
  pass: [...control, ...barred, 'receiver_closed', 'not_owner', 'conflict', 'conversation_over'],
  take: [...control, ...barred, 'not_primary', 'conflict', 'conversation_over'],
  request: [...control, ...barred, 'conflict', 'request_denied', 'request_pending', 'conversation_over'],
  offer: [...control, ...barred, 'receiver_closed', 'not_owner', 'offer_pending', 'conversation_over'],
  event: ['no_conversation', 'not_in_control', 'no_offer', 'conversation_over'],
  unreachable: [],
  disabled: [],
  tick: [],
}

export function checkRefusal({ before, command }: Moment, { refusal }: Refused): void {
  assert.ok(REFUSALS[command.kind].includes(refusal.code), `${command.kind} refused with ${refusal.code}`)
  assert.equal(refusal.owner, before.owner)
  assert.equal(refusal.epoch, before.epoch)
  assert.equal(refusal.conversationNumber, before.conversationNumber)
  assert.equal(refusal.code === 'conversation_over', isMissed(command, before))
  assert.match(refusal.message, /^\S.*\.$/)
  if (refusal.retryAfter === undefined) {
    assert.doesNotMatch(refusal.code, /_pending$/)
    return
  }
  assert.match(refusal.code, /^(conflict|request_pending|offer_pending)$/)
  const longest = refusal.code === 'offer_pending' ? (before.offer?.within ?? 0) : 60
  assert.ok(Number.isInteger(refusal.retryAfter) && refusal.retryAfter >= 1 && refusal.retryAfter <= longest)
}

export function checkAccepted(moment: Moment, decision: Accepted): void {
  const events = decision.effects.filter((effect) => effect.kind === 'event')
  const done: Done = { ...moment, decision, after: decision.thread, events }
  for (const check of CHECKS) check(done)
}

/** At most one owner, that exists and may hold control; control goes only to an enabled listener; +1 exactly at a change. */
function ownership(moment: Done): void {
  const { before, after, listeners } = moment
  assert.equal(after.epoch, before.epoch + (after.owner === before.owner ? 0 : 1))
  if (after.owner === null) return
  assert.ok(holders.has(kindOf(moment, after.owner)))
  if (after.owner === before.owner) return
  assert.ok(listeners.find(({ id }) => id === after.owner)?.enabled)
}

/** Who did it was entitled to, and it did no more than that. */
function entitlement(moment: Done): void {
  const { before, after, command, now } = moment
  const changed = before.owner !== after.owner
  assert.ok(!isMissed(command, before))
  switch (command.kind) {
    case 'pass':
    case 'take':
    case 'request':
      byCommand[command.kind](moment, command, changed)
      break
    case 'event':
      assert.ok(before.conversationNumber > 0)
      if (command.from === before.offer?.to && /accepted|declined|allocated/.test(command.subtype)) {
        assert.equal(changed, command.subtype !== 'declined')
        break
      }
      if (command.type !== 'aeu_events' || /allocated|user_timeout/.test(command.subtype)) {
        assert.equal(command.from, before.owner)
      }
      if (changed) assert.ok(after.owner === null && /complete|user_timeout/.test(command.subtype))
      break
    case 'offer':
      assert.ok(command.requester === before.owner || before.memory.passedBy === command.requester)
      assert.ok(!changed)
      break
    case 'listener_message':
      assert.equal(command.from, before.owner)
      assert.ok(!changed && isOpen(after))
      break
    case 'haptik_message':
      assert.ok(!changed)
      break
    case 'edited':
    case 'deleted':
      assert.deepEqual({ ...after, lastActivityAt: 0, deadlineAt: 0 }, { ...before, lastActivityAt: 0, deadlineAt: 0 })
      assert.ok(!needsControl(command) || (command.from === before.owner && isOpen(before)))
      break
    case 'unreachable':
    case 'disabled':
      if (changed) assert.equal(command.listener, before.owner)
      break
    case 'tick':
      if (changed) assert.ok((deadline(before, moment) ?? Infinity) <= now)
      break
    case 'ceu_message':
      break
  }
}

const byCommand: Record<ControlCommand['kind'], (moment: Done, command: ControlCommand, changed: boolean) => void> = {
  pass({ before, after, listeners, policy }, { requester, receiver, whenClosed }, changed) {
    if (!changed) return
    const by = listeners.find(({ id }) => id === requester)
    assert.ok(by && (requester === before.owner || (by.enabled && isPrimary(by))))
    assert.equal(after.owner, receiver)
    const exempt = before.pendingRequest?.from === receiver || receiver === requester
    assert.ok(exempt || !before.memory.failed.includes(receiver))
    const to = listeners.find(({ id }) => id === receiver)
    assert.ok(to?.enabled && to.reachable && hears(to))
    const mayWait = whenClosed === 'wait' || receiver === defaultListener({ listeners, policy })?.id
    assert.ok(!to.closed || mayWait || exempt, 'a closed receiver got a thread')
  },
  take({ before, after, listeners, now }, { requester }, changed) {
    assert.equal(after.owner, requester)
    if (!changed) return
    const by = listeners.find(({ id }) => id === requester)
    assert.ok(by?.enabled && by.reachable && hears(by) && (isPrimary(by) || by.mayTake))
    assert.ok(before.memory.takenAt === null || Math.abs(now - before.memory.takenAt) >= 3000)
  },
  request({ before, after, policy, decision }, { requester }, changed) {
    if (requester === before.owner) {
      assert.ok(!changed)
      return
    }
    assert.notEqual(policy.onRequest, 'deny')
    const atOnce = policy.onRequest === 'grant' || before.owner === null
    assert.equal(atOnce ? after.owner : after.pendingRequest?.from, requester)
    assert.equal(decision.outcome, atOnce ? 'done' : 'pending')
    assert.equal(changed, atOnce)
  },
}

/** By what control may go to a listener of a command's choosing. */
const gives = (command: Command) =>
  /^(pass|take|request)$/.test(command.kind) ||
  (command.kind === 'event' && /^(accepted|allocated)$/.test(command.subtype))

/** Who may open a conversation where none is open: the CEU, the owner, and who asks for a user that has had none. */
const opensOne = ({ before, command }: Done): boolean =>
  command.kind === 'ceu_message' ||
  command.kind === 'listener_message' ||
  (command.kind === 'request' && before.conversationNumber === 0)

/** +1 only by a message of the CEU or the owner without an open conversation, or where an open one goes to an IVA; and always then. */
function numbers(moment: Done): void {
  const { before, after, command } = moment
  const opens = !isOpen(before) && opensOne(moment)
  const handed = gives(command)
  const toIva = handed && isOpen(before) && before.owner !== after.owner && kindOf(moment, after.owner) === 'iva'
  assert.equal(after.conversationNumber, before.conversationNumber + (opens || toIva ? 1 : 0))
}

function states(moment: Done): void {
  const { before, after, command } = moment
  if (isOpen(after)) assert.notEqual(after.owner, null)
  if (isOpen(after) && !isOpen(before)) assert.ok(opensOne(moment))
  if (!isOpen(after) && isOpen(before)) assert.equal(after.owner, null)
  if (!isOpen(after) && before.owner === null && after.owner !== null) {
    assert.ok(gives(command))
  }
  if (after.conversationState === 'bot') assert.equal(kindOf(moment, after.owner), 'iva')
  if (after.conversationState === 'incomplete') assert.notEqual(kindOf(moment, after.owner), 'iva')
  if (command.kind === 'ceu_message') assert.ok(isOpen(after) && after.conversationState !== 'waiting')
}

/** Never outlives the owner it was put to, and never vanishes without exactly one answer. */
function requests({ before, after, events, listeners, command, now }: Done): void {
  const answers = events.filter(
    (event) => /^(granted|declined|expired)$/.test(event.subtype) && offerOf(event) === undefined,
  )
  const kept = before.pendingRequest !== null && after.pendingRequest?.expiresAt === before.pendingRequest.expiresAt
  if (before.owner !== after.owner) assert.equal(after.pendingRequest, null)
  if (before.pendingRequest === null || kept) assert.equal(answers.length, 0)
  else {
    assert.equal(answers.length, 1)
    assert.deepEqual(answers[0]?.to, [before.pendingRequest.from])
    const got = before.owner !== after.owner && after.owner === before.pendingRequest.from
    const late = before.pendingRequest.expiresAt <= now
    // Control may return to a requester in the very moment in which its request runs out.
    if (answers[0]?.subtype === 'expired') assert.ok(late && (!got || command.kind === 'tick'))
    else assert.equal(answers[0]?.subtype, got ? 'granted' : 'declined')
  }
  if (after.pendingRequest === null) return
  assert.ok(after.owner !== null && after.pendingRequest.from !== after.owner)
  assert.ok(listeners.some(({ id, kind }) => id === after.pendingRequest?.from && holders.has(kind)))
}

/**
 * What came with control stays with it: from the command, or from the request that it grants, until control goes elsewhere. Who is told of it are
 * those that the contract names.
 */
function contexts({ before, after, command, events }: Done): void {
  const asks = command.kind === 'pass' || command.kind === 'take' || command.kind === 'request'
  const given = asks ? command.context : undefined
  if (before.owner !== after.owner) {
    const granted = events.some(({ subtype }) => subtype === 'granted')
    const asked = granted ? before.pendingRequest?.context : undefined
    // of an offer that is accepted, what the offer said
    const offered = events.some(({ subtype }) => subtype === 'accepted') ? before.offer?.context : undefined
    assert.deepEqual(after.memory.context, offered ?? given ?? asked ?? null)
  } else assert.deepEqual(after.memory.context, before.memory.context)
  if (after.pendingRequest && after.pendingRequest.expiresAt !== before.pendingRequest?.expiresAt) {
    assert.deepEqual(after.pendingRequest.context, given)
  }
  for (const { type, subtype, metadata, to } of events) {
    assert.ok(typeof metadata === 'object' || type === 'aeu_events' || command.kind === 'event')
    const told = (metadata as { context?: unknown } | null)?.context
    const ofRequest = subtype === 'requested'
    const ofOffer = subtype === 'offered'
    // who lost control by a pass hears of it; who lost it otherwise does not
    const ofControl = /^(assigned|incomplete)$/.test(subtype) || (subtype === 'released' && after.owner !== null)
    const asked = ofRequest ? after.pendingRequest?.context : ofOffer ? after.offer?.context : undefined
    const known = ofControl ? after.memory.context : asked
    assert.deepEqual(told, known ?? undefined, `${subtype} to ${to}`)
  }
}

function unchangedMeansUnchanged({ before, after, command, decision }: Done): void {
  if (decision.outcome === 'done') return
  if (decision.outcome === 'pending') {
    assert.notEqual(command.kind === 'offer' ? after.offer : after.pendingRequest, null)
    return
  }
  assert.equal(decision.effects.length, 0)
  const { memory: _, deadlineAt: __, ...was } = before
  const { memory: ___, deadlineAt: ____, ...is } = after
  assert.deepEqual(is, was)
}

/** It is stored as JSON and columns. */
function storable({ after }: Done): void {
  assert.deepEqual(JSON.parse(JSON.stringify(after)), after)
}

const CHECKS = [
  ownership,
  entitlement,
  numbers,
  states,
  requests,
  returns,
  heard,
  contexts,
  offers,
  timers,
  idleness,
  eventNumbers,
  tellings,
  unchangedMeansUnchanged,
  storable,
]
