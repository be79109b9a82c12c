/** Hooks that go together: what a kind of listener needs to take part. */
import type { Hook, HookRegistration, ListenerKind } from '@tract/contract'

export type HookName = Pick<HookRegistration, 'category' | 'subcategory'>

export const nameOf = ({ category, subcategory }: Pick<Hook, 'category' | 'subcategory'>): string =>
  `${category}/${subcategory}`

const message: HookName = { category: 'message', subcategory: 'receive' }
const states = (['bot', 'incomplete', 'waiting', 'pinned', 'complete'] as const).map(
  (subcategory): HookName => ({ category: 'conversation_state', subcategory }),
)
const control = (
  ['assigned', 'released', 'taken', 'requested', 'granted', 'declined', 'expired', 'returned'] as const
).map((subcategory): HookName => ({ category: 'thread_control', subcategory }))

export const DESK_HOOKS: readonly HookName[] = [
  ...(['create_user', 'update_user', 'erase_user', 'feedback'] as const).map(
    (subcategory): HookName => ({ category: 'user_events', subcategory }),
  ),
  message,
  { category: 'message', subcategory: 'edited' },
  { category: 'message', subcategory: 'deleted' },
  ...states,
  ...control,
]

/** The usual hooks of a kind. */
export const usualHooks = (kind: ListenerKind): readonly HookName[] => {
  if (kind === 'ect' || kind === 'sac') return DESK_HOOKS
  if (kind === 'iva') return [message, ...states, ...control]
  return kind === 'md' ? [message] : [message, ...states]
}
