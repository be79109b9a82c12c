import { done, refuse, type Situation, unchanged } from './decision.js'
import { handOver, passedBy } from './hand-over.js'
import { refuseControl, refuseGiving } from './receiver-guard.js'
import { defaultListener, find, isPrimary } from './roles.js'
import { take } from './take.js'
import { inControlAlready } from './thread.js'
import type { ControlCommand, Decision, Listener, Thread } from './types.js'

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
    return unchanged(thread, inControlAlready(receiver.id))
  }
  if (!mayPass) return refuse(thread, 'not_owner', `'${command.requester}' is neither in control nor a primary.`)
  // A pass to oneself is a take: the owner hears it as one, and races are settled as for takes.
  if (receiver === requester) return take(thread, command, situation)
  const barred = refuseGiving(thread, requester, receiver, command, situation)
  return barred ?? done(handOver(thread, receiver, now, passedBy(requester.id, command.context)))
}

/** With the listener that `default` means, unless a listener is called so. */
function named(command: ControlCommand, situation: Situation): ControlCommand {
  if (command.receiver !== DEFAULT || find(situation.listeners, DEFAULT)) return command
  return { ...command, receiver: defaultListener(situation)?.id ?? DEFAULT }
}
