import type { ConversationState } from '@tract/contract'
import { Status, type Tone } from '../../components/status.js'

const TONE: Readonly<Record<ConversationState, Tone>> = {
  bot: 'info',
  incomplete: 'warn',
  waiting: 'idle',
  pinned: 'good',
  complete: 'idle',
}

export const CONVERSATION_STATES = Object.keys(TONE) as readonly ConversationState[]

export function ConversationStatus({ state }: { state: ConversationState }) {
  return <Status tone={TONE[state]}>{state}</Status>
}
