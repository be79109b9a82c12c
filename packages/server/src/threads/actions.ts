import { eventCatalogue } from '@tract/contract'
import { decide } from './decide.js'
import { isPrimary, mayHoldControl } from './roles.js'
import type { Command, Listener, ListenerEvent, Policy, Thread } from './types.js'

export type ActionName =
  | 'pass'
  | 'offer'
  | 'take'
  | 'request'
  | 'accepted'
  | 'declined'
  | 'withdrawn'
  | 'allocated'
  | 'waiting'
  | 'pinned'
  | 'complete'

export interface ThreadAction {
  action: ActionName
  listener: string
  receiver?: string
  allowed: boolean
  reason?: { code: string; message: string }
}

type Sent = Pick<ListenerEvent, 'type' | 'subtype'>

const EVENTS: Readonly<Partial<Record<ActionName, Sent>>> = {
  accepted: { type: 'thread_control', subtype: 'accepted' },
  declined: { type: 'thread_control', subtype: 'declined' },
  withdrawn: { type: 'thread_control', subtype: 'withdrawn' },
  allocated: { type: 'aeu_events', subtype: 'allocated' },
  waiting: { type: 'conversation_state', subtype: 'waiting' },
  pinned: { type: 'conversation_state', subtype: 'pinned' },
  complete: { type: 'conversation_state', subtype: 'complete' },
}

/** What each listener could ask of the thread: the rules decide on each command, and no decision is carried out. */
export function threadActions(
  thread: Thread,
  listeners: readonly Listener[],
  policy: Policy,
  now: number,
): ThreadAction[] {
  const able = listeners.filter((listener) => listener.enabled && mayHoldControl(listener))
  const attempt = (what: Pick<ThreadAction, 'action' | 'listener' | 'receiver'>, command: Command): ThreadAction => {
    const decision = decide(thread, listeners, policy, command, now)
    if (!decision.ok) {
      const { code, message } = decision.refusal
      return { ...what, allowed: false, reason: { code, message } }
    }
    if (decision.outcome !== 'unchanged') return { ...what, allowed: true }
    return { ...what, allowed: false, reason: { code: 'unchanged', message: decision.why } }
  }
  return [...able.flatMap(controlOf), ...able.flatMap(eventsOf)]

  function controlOf(requester: Listener): ThreadAction[] {
    const { id: listener } = requester
    // No other listener may pass, to any receiver.
    const mayPass = listener === thread.owner || isPrimary(requester)
    const receivers = mayPass ? able.filter(({ id }) => id !== listener) : []
    const passes = receivers.map(({ id: receiver }) =>
      attempt({ action: 'pass', listener, receiver }, { kind: 'pass', requester: listener, receiver }),
    )
    const offers = (listener === thread.owner ? receivers : []).map(({ id: receiver }) =>
      attempt({ action: 'offer', listener, receiver }, { kind: 'offer', requester: listener, receivers: [receiver] }),
    )
    const own = (['take', 'request'] as const).map((action) =>
      attempt({ action, listener, receiver: listener }, { kind: action, requester: listener, receiver: listener }),
    )
    return [...passes, ...offers, ...own]
  }

  function eventsOf({ id: listener, kind }: Listener): ThreadAction[] {
    return Object.entries(EVENTS).flatMap(([action, sent]) =>
      sendersOf(sent).includes(kind)
        ? [
            attempt({ action: action as ActionName, listener }, {
              ...sent,
              kind: 'event',
              from: listener,
            } as ListenerEvent),
          ]
        : [],
    )
  }
}

function sendersOf({ type, subtype }: Sent): readonly string[] {
  return eventCatalogue.find((entry) => entry.type === type && entry.subtype === subtype)?.senders ?? []
}
