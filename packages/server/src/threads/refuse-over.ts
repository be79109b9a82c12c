import { refuse } from './decision.js'
import { holderOf, isOpen } from './thread.js'
import type { Meant, Refused, Thread } from './types.js'

/** Whether what a command is meant for is still the open conversation. One that names none means whatever there is. */
export function refuseOver(thread: Thread, command: Meant | object): Refused | undefined {
  const meant = 'conversation' in command ? command.conversation : undefined
  const { conversationNumber } = thread
  if (meant === undefined || (isOpen(thread) && meant === conversationNumber)) return undefined
  const over = `Conversation ${meant} is ${meant > conversationNumber ? 'not there' : 'over'}`
  const open = isOpen(thread) ? `conversation ${conversationNumber} is` : 'none is'
  return refuse(thread, 'conversation_over', `${over}: ${open} open, and ${holderOf(thread)} in control.`)
}
