import { ceuMessage } from './ceu-message.js'
import { correct } from './correct.js'
import { done, refuse, type Situation } from './decision.js'
import { listenerEvent } from './listener-events.js'
import { offer } from './offers/offer.js'
import { openConversation } from './open-conversation.js'
import { pass } from './pass.js'
import { refuseOver } from './refuse-over.js'
import { request } from './request.js'
import { disabled, unreachable } from './return-to-default.js'
import { find } from './roles.js'
import { take } from './take.js'
import { holderOf, isOpen } from './thread.js'
import { stateEvent } from './thread-events.js'
import { nextDeadline, tick } from './timers.js'
import type { Accepted, Command, Decision, Listener, ListenerMessage, Policy, Thread } from './types.js'

/**
 * Thread control: what a command does to a thread at a time, or why it is refused. Pure. The caller serialises commands
 * on a thread, and stores `thread` and carries out the effects in one transaction, also if the outcome is `unchanged`.
 */
export function decide(
  thread: Thread,
  listeners: readonly Listener[],
  policy: Policy,
  command: Command,
  now: number,
): Decision {
  const situation: Situation = { listeners, policy, now, heardAt: heardAt(command, now) }
  const decision = apply(thread, command, situation)
  if (!decision.ok) return decision
  const lastActivityAt = isActivity(command, decision) ? now : decision.thread.lastActivityAt
  const next: Thread = { ...decision.thread, lastActivityAt }
  return { ...decision, thread: { ...next, deadlineAt: nextDeadline(next, situation) } }
}

/** Only a tick needs it: all other commands restart the idle time, and a timer that was set too early is set again. */
function heardAt(command: Command, now: number): number | null {
  if (command.kind !== 'tick') return null
  return command.heard === 'pending' ? now : (command.heard ?? null)
}

function apply(thread: Thread, command: Command, situation: Situation): Decision {
  const over = refuseOver(thread, command)
  if (over) return over
  switch (command.kind) {
    case 'ceu_message':
      return ceuMessage(thread, situation)
    case 'listener_message':
      return listenerMessage(thread, command, situation)
    case 'haptik_message':
      return done({ thread, effects: [] })
    case 'pass':
      return pass(thread, command, situation)
    case 'take':
      return take(thread, command, situation)
    case 'request':
      return request(thread, command, situation)
    case 'offer':
      return offer(thread, command, situation)
    case 'edited':
    case 'deleted':
      return correct(thread, command)
    case 'event':
      return listenerEvent(thread, command, situation)
    case 'unreachable':
      return unreachable(thread, command.listener, command.failingSince, situation)
    case 'disabled':
      return disabled(thread, command.listener, situation)
    case 'tick':
      return tick(thread, situation)
  }
}

/**
 * Without an open conversation the owner's message opens one: an agent may begin. A message of an agent shows that one
 * is there, even without `allocated`; a message of the tool itself does not.
 */
function listenerMessage(thread: Thread, { from, sender }: ListenerMessage, { listeners, now }: Situation): Decision {
  if (from !== thread.owner) {
    return refuse(thread, 'not_in_control', `'${from}' is not in control of this thread, ${holderOf(thread)}.`)
  }
  const opened = isOpen(thread) ? null : openConversation(thread, find(listeners, from) as Listener, now)
  const open = opened ?? thread
  const spoken = sender === 'aeu' ? { ...open, memory: { ...open.memory, unallocatedSince: null } } : open
  return done({ thread: spoken, effects: opened ? [stateEvent(opened)] : [] })
}

/** Whether the idle time starts again: it does if a party said or did something, not for our own reports and timers. */
function isActivity(command: Command, { effects }: Accepted): boolean {
  switch (command.kind) {
    case 'ceu_message':
    case 'listener_message':
    case 'haptik_message':
    case 'edited':
    case 'deleted':
      return true
    case 'pass':
    case 'take':
    case 'request':
    case 'offer':
    case 'event':
      return effects.length > 0
    case 'unreachable':
    case 'disabled':
    case 'tick':
      return false
  }
}
