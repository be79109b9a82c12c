import type { Command, Listener, Policy } from '../../src/threads/types.js'
import { START } from './scene.js'

/** Ids that mean a role at that moment, so that random commands are right often enough to get anywhere. */
export const OWNER = '@owner'
export const PENDING = '@pending'
export const ASKED = '@asked'
export const PASSER = '@passer'
export const OTHERS = ['@other/0', '@other/1', '@other/2', '@other/3']

export type Step =
  | { readonly seconds: number; readonly command: Command }
  | { readonly configure: string; readonly more: Partial<Listener> }
  | { readonly policy: Policy }
  /** What waits in a listener's lane gets through. */
  | { readonly delivered: string }

/** What random steps seldom come to: the owner is disabled and that is reported. */
const ownerDisabled: readonly Step[] = [
  { configure: OWNER, more: { enabled: false } },
  { seconds: 0, command: { kind: 'disabled', listener: OWNER } },
]

const DAY = 86_400
const tick = (seconds: number): Step => ({ seconds, command: { kind: 'tick' } })

/** … who is asked is lost while it is asked, and that is reported. */
const askedLost: readonly Step[] = [
  { seconds: 0, command: { kind: 'offer', requester: OWNER, receivers: OTHERS } },
  { configure: ASKED, more: { enabled: false } },
  { seconds: 0, command: { kind: 'disabled', listener: ASKED } },
  { configure: ASKED, more: { failingSince: START } },
  { seconds: 0, command: { kind: 'unreachable', listener: ASKED, failingSince: START } },
]

/** … an offer is accepted, and made again by who does not know yet. */
const offeredAgain: readonly Step[] = [
  { seconds: 0, command: { kind: 'offer', requester: OWNER, receivers: [...OTHERS] } },
  { seconds: 0, command: { kind: 'event', from: ASKED, type: 'thread_control', subtype: 'accepted' } },
  { seconds: 0, command: { kind: 'offer', requester: PASSER, receivers: [OWNER] } },
]

/** … an offer goes from one to the next, and nobody answers. */
const askedInVain: readonly Step[] = [
  { seconds: 0, command: { kind: 'offer', requester: OWNER, receivers: OTHERS, within: 5 } },
  ...OTHERS.map((): Step => ({ seconds: 5, command: { kind: 'tick' } })),
]

/** … the owner gives up, another holds control without a conversation, and nothing more happens. */
const heldForNothing: readonly Step[] = [
  { seconds: 0, command: { kind: 'event', from: OWNER, type: 'conversation_state', subtype: 'complete' } },
  ...OTHERS.map((one): Step => ({ seconds: 0, command: { kind: 'request', requester: one, receiver: one } })),
  { delivered: OWNER },
  tick(DAY),
]

/** … and who holds control then begins itself. */
const agentBegins: readonly Step[] = [
  ...heldForNothing.slice(0, 1 + OTHERS.length),
  { seconds: 0, command: { kind: 'listener_message', from: OWNER, sender: 'aeu' } },
]

/** … what the CEU wrote comes through after a day. */
const heardLate: readonly Step[] = [
  { seconds: 0, command: { kind: 'ceu_message' } },
  tick(DAY),
  { delivered: OWNER },
  tick(1),
  tick(DAY),
]

export const SELDOM = [ownerDisabled, heldForNothing, agentBegins, heardLate, askedLost, askedInVain, offeredAgain]
