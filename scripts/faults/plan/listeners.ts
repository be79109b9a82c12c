/** The listeners of the organisation, with their kinds. */
export const LISTENERS = { md: 'md', iva: 'iva', desk: 'ect', observer: 'analytics' } as const
export type ListenerName = keyof typeof LISTENERS
export const LISTENER_NAMES = Object.keys(LISTENERS) as ListenerName[]
