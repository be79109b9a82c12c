import type { Situation } from './decision.js'
import type { Listener } from './types.js'

/** md and analytics never hold control, whichever settings they have. */
export const mayHoldControl = ({ kind }: Pick<Listener, 'kind'>): boolean =>
  kind === 'iva' || kind === 'sac' || kind === 'ect'

export const isPrimary = (listener: Listener): boolean =>
  listener.kind === 'iva' || listener.kind === 'sac' || (listener.isPrimary && mayHoldControl(listener))

/** It has agents: it is sent the history, and an agent can be awaited. */
export const hasAgents = ({ kind }: Listener): boolean => kind === 'ect' || kind === 'sac'

/** It has a hook for messages, also if that is disabled: what waits for it then is sent once it is enabled. */
export const hears = ({ hooks }: Pick<Listener, 'hooks'>): boolean => hooks.has('message.receive')

export const find = (listeners: readonly Listener[], id: string | null): Listener | undefined =>
  listeners.find((listener) => listener.id === id)

/** Unknown counts as disabled: neither can answer. */
export const isEnabled = (listeners: readonly Listener[], id: string | null): boolean =>
  find(listeners, id)?.enabled === true

/** Who gets control of a new conversation: the organisation's choice, else the IVA, else SAC, else the only ECT. */
export function defaultListener({ listeners, policy }: Pick<Situation, 'listeners' | 'policy'>): Listener | undefined {
  const able = listeners.filter((listener) => listener.enabled && mayHoldControl(listener))
  const ects = able.filter(({ kind }) => kind === 'ect')
  return (
    find(able, policy.defaultListener) ??
    able.find(({ kind }) => kind === 'iva') ??
    able.find(({ kind }) => kind === 'sac') ??
    (ects.length === 1 ? ects[0] : undefined)
  )
}
