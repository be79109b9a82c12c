import { done, refuse, type Situation, unchanged } from './decision.js'
import { handOver, takenAt } from './hand-over.js'
import { refuseControl, refuseFrom, refuseHolder } from './receiver-guard.js'
import { find, isPrimary, mayHoldControl } from './roles.js'
import { inControlAlready } from './thread.js'
import type { ControlCommand, Decision, Refused, Thread } from './types.js'

const TAKE_STANDS_MS = 3_000

export function take(thread: Thread, command: ControlCommand, situation: Situation): Decision {
  const refused = refuseControl(thread, command, situation)
  if (refused) return refused
  // Before the guard: a repeated take names the owner before it as its receiver.
  if (command.requester === thread.owner) return unchanged(thread, inControlAlready(thread.owner))
  const requester = find(situation.listeners, command.requester)
  if (!requester || !(isPrimary(requester) || (requester.mayTake && mayHoldControl(requester)))) {
    return refuse(thread, 'not_primary', `'${command.requester}' is not a primary and may not take control.`)
  }
  const barred = refuseFrom(thread, command) ?? refuseHolder(thread, requester) ?? refuseRace(thread, situation.now)
  return barred ?? done(handOver(thread, requester, situation.now, takenAt(situation.now, command.context)))
}

/** The first of two takes wins. Clocks differ and jump, hence the absolute difference. */
export function refuseRace(thread: Thread, now: number): Refused | undefined {
  const { takenAt: at } = thread.memory
  if (at === null || Math.abs(now - at) >= TAKE_STANDS_MS) return undefined
  const wait = Math.min(TAKE_STANDS_MS, at + TAKE_STANDS_MS - now)
  return refuse(thread, 'conflict', `'${thread.owner}' took control a moment ago.`, wait)
}
