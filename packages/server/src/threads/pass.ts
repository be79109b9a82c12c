import { done, refuse, type Situation, unchanged } from './decision.js'
import { handOver, passedBy } from './hand-over.js'
import { refuseControl, refuseReceiver } from './receiver-guard.js'
import { defaultListener, find, isPrimary } from './roles.js'
import { take } from './take.js'
import type { ControlCommand, Decision, Listener, Refused, Thread } from './types.js'

/** As a receiver, the listener that gets new conversations. */
const DEFAULT = 'default'

export function pass(thread: Thread, given: ControlCommand, situation: Situation): Decision {
  const command = named(given, situation)
  const refused = refuseControl(thread, command, situation)
  if (refused) return refused
  const { listeners, now } = situation
  const requester = find(listeners, command.requester)
  const receiver = find(listeners, command.receiver) as Listener
  const mayPass = requester && (requester.id === thread.owner || (requester.enabled && isPrimary(requester)))

  if (receiver.id === thread.owner && (mayPass || thread.memory.passedBy === command.requester)) {
    return unchanged(thread)
  }
  if (!mayPass) return refuse(thread, 'not_owner', `'${command.requester}' is neither in control nor a primary.`)
  // A pass to oneself is a take: the owner hears it as one, and races are settled as for takes.
  if (receiver === requester) return take(thread, command, situation)
  const barred =
    refuseReceiver(thread, receiver, command, situation) ?? refuseDirection(thread, requester, receiver, situation)
  return barred ?? done(handOver(thread, receiver, now, passedBy(requester.id, command.context)))
}

/** With the listener that `default` means, unless a listener is called so. */
function named(command: ControlCommand, situation: Situation): ControlCommand {
  if (command.receiver !== DEFAULT || find(situation.listeners, DEFAULT)) return command
  return { ...command, receiver: defaultListener(situation)?.id ?? DEFAULT }
}

/**
 * The receivers to which this requester may not pass in this conversation. A listener that asked for control is exempt:
 * the owner may answer its request, and a listener that failed and now asks works again.
 */
function refuseDirection(
  thread: Thread,
  requester: Listener,
  receiver: Listener,
  situation: Situation,
): Refused | undefined {
  if (thread.pendingRequest?.from === receiver.id) return undefined
  const bound = requester.kind === 'ect' && requester.mayPassTo !== 'any'
  if (bound && !isPrimary(receiver) && receiver !== defaultListener(situation)) {
    return refuse(thread, 'receiver_not_allowed', `'${requester.id}' may pass only to a primary or the default.`)
  }
  if (thread.memory.failed.includes(receiver.id)) {
    return refuse(thread, 'receiver_unreachable', `'${receiver.id}' has failed in this conversation.`)
  }
  return undefined
}
