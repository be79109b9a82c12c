/**
 * The listeners of the organisation, with their kinds. The other desk hears only what it is asked: it is offered control
 * before the desk is, and never accepts.
 */
export const LISTENERS = { md: 'md', iva: 'iva', desk: 'ect', observer: 'analytics', other: 'ect' } as const
export type ListenerName = keyof typeof LISTENERS
export const LISTENER_NAMES = Object.keys(LISTENERS) as ListenerName[]
/** Those that hear every message but their own. */
export const HEARERS = LISTENER_NAMES.filter((name) => name !== 'other')
