/** A listener as a person edits it, and what is sent of it. */
import type { Listener, ListenerCreate, ListenerKind, ListenerUpdate } from '@tract/contract'

export interface ListenerDraft {
  listener_id: string
  kind: ListenerKind
  name: string
  standby: boolean
  is_primary: boolean
  may_take: boolean
  may_pass_to: string
  create_user: string
}

export const KINDS: Readonly<Record<ListenerKind, { label: string; hint: string; id: string; name: string }>> = {
  md: {
    label: 'Message delivery (md)',
    hint: 'Carries messages to and from the user’s channel. Without one, nothing of a user gets in.',
    id: 'message_delivery',
    name: 'Message delivery',
  },
  iva: {
    label: 'Virtual assistant (iva)',
    hint: 'The platform’s bot. It gets new conversations, and may take control.',
    id: 'iva',
    name: 'Virtual assistant',
  },
  ect: {
    label: 'External chat tool (ect)',
    hint: 'A vendor’s agent desk, connected by the vendor document.',
    id: 'desk',
    name: 'Agent desk',
  },
  sac: {
    label: 'Smart Agent Chat (sac)',
    hint: 'The platform’s own agent desk.',
    id: 'sac',
    name: 'Smart Agent Chat',
  },
  analytics: {
    label: 'Analytics',
    hint: 'Hears everything, and says nothing.',
    id: 'analytics',
    name: 'Analytics',
  },
}

/** As the service has it where nothing else is said. */
export const newListener = (kind: ListenerKind): ListenerDraft => ({
  listener_id: KINDS[kind].id,
  kind,
  name: KINDS[kind].name,
  standby: true,
  is_primary: kind === 'iva' || kind === 'sac',
  may_take: false,
  may_pass_to: 'default_or_primary',
  create_user: 'once',
})

export const listenerDraftOf = ({ listener_id, kind, name, ...rest }: Listener): ListenerDraft => ({
  listener_id,
  kind,
  name,
  standby: rest.standby,
  is_primary: rest.is_primary,
  may_take: rest.may_take,
  may_pass_to: rest.may_pass_to,
  create_user: rest.create_user,
})

const trimmed = (draft: ListenerDraft): ListenerDraft => ({
  ...draft,
  listener_id: draft.listener_id.trim(),
  name: draft.name.trim(),
})

export const listenerCreationOf = (
  draft: ListenerDraft,
  organisation_id: string,
  hours: ListenerCreate['hours'],
): ListenerCreate => ({ ...(trimmed(draft) as ListenerCreate), organisation_id, ...(hours && { hours }) })

/** Only what was changed. */
export function listenerUpdateOf(
  draft: ListenerDraft,
  listener: Listener,
  hours: ListenerUpdate['hours'],
): ListenerUpdate {
  const before = listenerDraftOf(listener)
  const changed = Object.entries(trimmed(draft)).filter(
    ([name, value]) => value !== before[name as keyof ListenerDraft],
  )
  const { organisation_id, listener_id } = listener
  const isOther = JSON.stringify(hours ?? null) !== JSON.stringify(listener.hours ?? null)
  return { ...Object.fromEntries(changed), organisation_id, listener_id, ...(isOther && { hours: hours ?? null }) }
}
