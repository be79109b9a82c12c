import { createHash } from 'node:crypto'
import type { Tract } from '@tract/client'
import type { HookHandlers } from '@tract/client/webhooks'
import { noted, unlessTooLate } from './party.js'

const AGENT = { id: 'ravi', name: 'Ravi' }
/** The case that the documents' examples name. */
const KNOWN_CASES: Record<string, string> = { '8812': 'case-1024' }

/** The agent desk: gives every thread that it is passed to its agent. What the agent says is written in the console, in this listener's name. */
export function desk(tract: Tract): HookHandlers {
  return {
    'user_events.create_user': ({ user_id }) => ({ ect_user_id: KNOWN_CASES[user_id] ?? `case-${shortHash(user_id)}` }),
    'thread_control.assigned': async ({ user_id }, { id, test }) => {
      if (test) return
      const event = { user_id, type: 'aeu_events', subtype: 'allocated', metadata: { agent: AGENT } } as const
      await unlessTooLate(tract.events.send(event, { idempotencyKey: `${id}-allocated` }))
    },
    'thread_control.released': noted,
    'thread_control.taken': noted,
    'thread_control.requested': noted,
    'thread_control.offered': (_, { test }) => (test ? undefined : { offer: 'accepted' }),
    'aeu_events.user_timeout': noted,
    'aeu_events.entity_update': noted,
    'conversation_state.incomplete': noted,
    'conversation_state.pinned': noted,
    'conversation_state.complete': noted,
    'message.receive': noted,
  }
}

const shortHash = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 16)
