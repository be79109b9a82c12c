import assert from 'node:assert/strict'
import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { decide } from '../../src/threads/decide.js'
import { defaultListener } from '../../src/threads/roles.js'
import { messageHearers } from '../../src/threads/routing.js'
import { newThread } from '../../src/threads/thread.js'
import type { Accepted, Command, Decision, EventEffect, Listener, Policy, Thread } from '../../src/threads/types.js'
import { checkAccepted, checkRefusal } from './invariants.js'
import { isMissed, type Moment } from './moment.js'
import { offerOf } from './offer-invariants.js'
import { type Play, plays, resolve } from './random-play.js'
import { START } from './scene.js'

const RUNS = 1_500

function freeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value
  Object.values(value).forEach(freeze)
  return Object.freeze(value)
}

/** What came to pass, by name, so that a generator that gets nowhere is found out. */
type Tally = Map<string, number>

function idleness(before: Thread, command: Command, { effects }: Accepted, after: number, now: number): string[] {
  const ended = effects.find((effect) => effect.kind === 'event' && JSON.stringify(effect.metadata).includes('"idle"'))
  if (ended) return [`idle: ${(ended as EventEffect).subtype}`]
  const isDue = before.owner !== null && before.lastActivityAt + after * 1000 <= now
  return isDue && command.kind === 'tick'
    ? [`idle, but ${command.heard === 'pending' ? 'not heard' : 'heard late'}`]
    : []
}

function offersEnded({ effects, thread }: Accepted): string[] {
  const ends = effects.filter((effect) => effect.kind === 'event' && offerOf(effect) !== undefined) as EventEffect[]
  return ends.flatMap(({ subtype }) => [`offer ${subtype}`, ...(thread.offer ? [`${subtype}: next`] : [])])
}

function count(tally: Tally, { before, command, decision, policy, now }: Moment): void {
  const names = decision.ok
    ? [
        `${command.kind} ${decision.outcome}`,
        ...decision.effects.map((effect) =>
          effect.kind === 'event' ? `${effect.type}/${effect.subtype}` : effect.kind,
        ),
        ...(decision.thread.conversationNumber > before.conversationNumber ? [`opened by ${command.kind}`] : []),
        ...(decision.thread.conversationNumber === 1 && before.conversationNumber === 0
          ? [`opened the first by ${command.kind}`]
          : []),
        ...(decision.thread.memory.failed.length > 1 ? ['several failed'] : []),
        ...(decision.thread.memory.fellBack ? ['fell back'] : []),
        ...(before.offer ? offersEnded(decision) : []),
        ...idleness(before, command, decision, policy.idleCompleteAfter, now),
        ...(decision.thread.owner && decision.thread.conversationState === 'complete' ? ['owned while complete'] : []),
        ...(decision.thread.memory.context && !before.memory.context ? [`context by ${command.kind}`] : []),
      ]
    : [decision.refusal.code]
  for (const name of names) tally.set(name, (tally.get(name) ?? 0) + 1)
}

/** Commands that repeat immediately and find their work done. */
function checkRepetition({ listeners, policy, command, now }: Moment, thread: Thread): void {
  const settles: Command['kind'][] = ['pass', 'take', 'request', 'offer', 'unreachable', 'disabled', 'tick']
  if (!settles.includes(command.kind)) return
  const again = decide(thread, listeners, policy, command, now)
  // what was meant for a conversation that it ended has no other
  if (isMissed(command, thread)) {
    assert.equal(again.ok ? undefined : again.refusal.code, 'conversation_over')
    return
  }
  assert.ok(again.ok)
  assert.equal(again.effects.length, 0)
  assert.notEqual(again.outcome, 'done')
  assert.deepEqual(again.thread, thread)
}

/** Of each listener: whether it has had the last message that the CEU wrote it, and when. */
type Lanes = Map<string, 'pending' | number>

function told(command: Command, { owner }: Thread, lanes: Lanes): Command {
  const heard = command.kind === 'tick' ? lanes.get(owner ?? '') : undefined
  return heard === undefined ? command : ({ ...command, heard } as Command)
}

/** As the service sees it: one that has failed for too long cannot be reached. */
function asSeen(listener: Listener, { unreachableAfter }: Policy, now: number): Listener {
  const { failingSince } = listener
  const isLost = failingSince !== null && failingSince + unreachableAfter * 1000 <= now
  return isLost ? { ...listener, reachable: false } : listener
}

function perform({ steps, ...start }: Play, tally: Tally): void {
  let { listeners, policy } = freeze(start)
  let thread = freeze(newThread(START))
  let now = START
  const returned = new Set<string>()
  const lanes: Lanes = new Map()
  for (const step of steps) {
    if ('policy' in step) {
      policy = freeze(step.policy)
    } else if ('delivered' in step) {
      const { delivered } = resolve(step, thread, listeners)
      if (lanes.get(delivered) === 'pending') lanes.set(delivered, now)
    } else if ('configure' in step) {
      const { configure, more } = resolve(step, thread, listeners)
      listeners = freeze(listeners.map((each) => (each.id === configure ? { ...each, ...more } : each)))
    } else {
      now += step.seconds * 1000
      listeners = freeze(listeners.map((each) => asSeen(each, policy, now)))
      const command = freeze(told(resolve(step.command, thread, listeners), thread, lanes))
      const decision: Decision = freeze(decide(thread, listeners, policy, command, now))
      const moment: Moment = { before: thread, listeners, policy, command, now, decision }
      assert.deepEqual(decide(thread, listeners, policy, command, now), decision)
      count(tally, moment)
      if (command.kind === 'listener_message')
        assert.equal(decision.ok, command.from === thread.owner && !isMissed(command, thread))
      if (!decision.ok) {
        checkRefusal(moment, decision)
        continue
      }
      checkAccepted(moment, decision)
      checkRepetition(moment, decision.thread)
      if (decision.effects.some((effect) => effect.kind === 'event' && effect.subtype === 'returned')) {
        const role = decision.thread.owner === defaultListener({ listeners, policy })?.id ? 'default' : 'fallback'
        const place = `${thread.conversationNumber} to the ${role}`
        assert.ok(!returned.has(place), 'returned twice in one conversation')
        returned.add(place)
      }
      thread = decision.thread
      if (command.kind === 'ceu_message')
        for (const { listener } of messageHearers('ceu', null, thread, listeners)) lanes.set(listener.id, 'pending')
    }
  }
}

test('random commands over random listeners keep every invariant', () => {
  const tally: Tally = new Map()
  fc.assert(
    fc.property(plays, (play) => perform(play, tally)),
    { numRuns: RUNS },
  )
  const expected = [
    ...['pass', 'take', 'request', 'tick', 'unreachable', 'disabled'].flatMap((kind) => [
      `${kind} done`,
      `${kind} unchanged`,
    ]),
    ...['ceu_message done', 'listener_message done', 'event done', 'event unchanged', 'request pending'],
    ...['offer pending', 'offer unchanged', 'expired: next', 'declined: next'],
    ...['bot', 'incomplete', 'waiting', 'pinned', 'complete'].map((subtype) => `conversation_state/${subtype}`),
    ...['assigned', 'released', 'taken', 'requested', 'granted', 'declined', 'expired', 'returned'].map(
      (subtype) => `thread_control/${subtype}`,
    ),
    ...['offered', 'accepted', 'withdrawn'].map((subtype) => `thread_control/${subtype}`),
    ...['expired', 'declined', 'accepted', 'withdrawn'].map((subtype) => `offer ${subtype}`),
    ...['ceu_message', 'listener_message', 'pass', 'take', 'request'].map((kind) => `opened by ${kind}`),
    'opened the first by request',
    ...['idle: complete', 'idle: released', 'idle, but not heard', 'idle, but heard late'],
    ...['pass', 'take', 'request'].map((kind) => `context by ${kind}`),
    ...['fell back', 'history', 'say', 'several failed', 'owned while complete'],
    ...['unknown_receiver', 'receiver_disabled', 'receiver_unreachable', 'receiver_not_allowed'],
    ...['receiver_closed', 'not_owner', 'not_primary', 'request_denied', 'request_pending', 'conflict'],
    ...['no_conversation', 'not_in_control', 'no_default_receiver', 'offer_pending', 'no_offer', 'conversation_over'],
  ]
  expect(expected.filter((name) => !tally.has(name))).toEqual([])
})
