import type {
  Accepted,
  Command,
  Correction,
  Decision,
  EventEffect,
  Listener,
  Policy,
  Thread,
} from '../../src/threads/types.js'

/** One decision and everything it was made from. */
export interface Moment {
  readonly before: Thread
  readonly listeners: readonly Listener[]
  readonly policy: Policy
  readonly command: Command
  readonly now: number
  readonly decision: Decision
}

export type Done = Moment & {
  readonly decision: Accepted
  readonly after: Thread
  readonly events: readonly EventEffect[]
}

export const isOpen = ({ conversationState }: Thread) => conversationState !== 'complete'
export const kindOf = ({ listeners }: Moment, id: string | null) => listeners.find((each) => each.id === id)?.kind

/** Who edits what it said needs control, if it needed control to say it. */
export const needsControl = ({ kind, message }: Correction): boolean =>
  kind === 'edited' && message.sender !== 'ceu' && message.sender !== 'haptik'

/** It names a conversation that is not the open one, or edits what was said in such a one. */
export function isMissed(command: Command, { conversationNumber, conversationState }: Thread): boolean {
  const isOther = (number: number) => conversationState === 'complete' || number !== conversationNumber
  if ('conversation' in command && command.conversation !== undefined && isOther(command.conversation)) return true
  return command.kind === 'edited' && needsControl(command) && isOther(command.message.conversationNumber)
}
