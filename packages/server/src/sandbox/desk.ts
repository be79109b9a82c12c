import { createHash } from 'node:crypto'
import { type Tract, text } from '@tract/client'
import { type HookHandlers, toPlainText } from '@tract/client/webhooks'
import { DeskQueue, ownAvailability } from './desk-queue.js'
import { availabilityFrom } from './desk-words.js'
import { noted, unlessTooLate } from './party.js'

const AGENT = { id: 'ravi', name: 'Ravi' }
/** The case that the documents' examples name. */
const KNOWN_CASES: Record<string, string> = { '8812': 'case-1024' }

export interface Desk {
  handlers: HookHandlers
  close(): void
}

/**
 * The agent desk. Open, it accepts what it is offered and allocates its agent; busy or closed, it leaves the answer to the person at
 * the console and lets the user wait. What the agent says is written in the console, in this listener's name.
 */
export function desk(tract: Tract, onError: (error: unknown) => void): Desk {
  const queue = new DeskQueue(tract, welcome, onError)
  return { handlers: handlersOf(tract, queue, { allocate, welcome }), close: () => queue.close() }

  async function allocate(user_id: string, key: string): Promise<void> {
    const event = { user_id, type: 'aeu_events', subtype: 'allocated', metadata: { agent: AGENT } } as const
    await tract.events.send(event, { idempotencyKey: `${key}-allocated` })
  }

  /** The assistant said that it asks for an agent, and cannot say any more that there is one. */
  async function welcome(user_id: string, key: string): Promise<void> {
    await allocate(user_id, key)
    const message_body = text(`I am ${AGENT.name}. What can I do for you?`)
    const said = { user_id, sender: 'aeu', message_body, agent: AGENT } as const
    await tract.messages.send(said, { idempotencyKey: `${key}-welcome` })
  }
}

interface Agent {
  allocate(userId: string, key: string): Promise<void>
  welcome(userId: string, key: string): Promise<void>
}

function handlersOf(tract: Tract, queue: DeskQueue, { allocate, welcome }: Agent): HookHandlers {
  const leaves = ({ user_id }: { user_id: string }) => queue.leave(user_id)
  return {
    'user_events.create_user': ({ user_id }) => ({ ect_user_id: KNOWN_CASES[user_id] ?? `case-${shortHash(user_id)}` }),
    'thread_control.offered': async ({ user_id, metadata }, { id, test }) => {
      if (test) return
      if ((await ownAvailability(tract)).status === 'open') return { offer: 'accepted' }
      const { offer_number: number, expires_at } = metadata ?? {}
      if (number && expires_at) queue.add(user_id, { offer: { number, until: new Date(expires_at) }, key: id })
    },
    'thread_control.assigned': async ({ user_id, metadata }, { id, test }) => {
      if (test) return
      queue.leave(user_id)
      const { reason } = metadata ?? {}
      if (reason === 'accepted') return unlessTooLate(welcome(user_id, id))
      const waits = reason === 'passed' && (await ownAvailability(tract)).status !== 'open'
      if (waits) return queue.add(user_id, { key: id })
      await unlessTooLate(allocate(user_id, id))
    },
    'message.receive': async ({ sender, message_body, history }, { test }) => {
      if (sender !== 'ceu' || history || test) return
      const wanted = availabilityFrom(toPlainText(message_body), new Date())
      if (wanted) await tract.availability.set(wanted)
    },
    'thread_control.released': leaves,
    'thread_control.taken': leaves,
    'thread_control.expired': leaves,
    'thread_control.withdrawn': leaves,
    'conversation_state.complete': leaves,
    // by hand, in the console
    'conversation_state.pinned': leaves,
    'thread_control.requested': noted,
    'aeu_events.user_timeout': noted,
    'aeu_events.entity_update': noted,
    'conversation_state.incomplete': noted,
  }
}

const shortHash = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 16)
