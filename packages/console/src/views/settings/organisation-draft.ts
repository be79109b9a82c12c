/** An organisation's settings as a person edits them, and what is sent of them. */
import type { Organisation, OrganisationCreate, OrganisationUpdate } from '@tract/contract'

export interface OrganisationDraft {
  name: string
  default_listener: string
  fallback_listener: string
  on_request: string
  unreachable_after: string
  offer_within: string
  allocate_within: string
  idle_complete_after: string
  history_messages: string
  history_scope: string
  returned_message: string
}

/** What a new one has where nothing else is said. */
export const NEW_ORGANISATION: OrganisationDraft = {
  name: '',
  default_listener: '',
  fallback_listener: '',
  on_request: 'ask',
  unreachable_after: '60',
  offer_within: '60',
  allocate_within: '',
  idle_complete_after: '86400',
  history_messages: '20',
  history_scope: 'conversation',
  returned_message: '',
}

export const draftOf = (organisation: Organisation): OrganisationDraft => ({
  name: organisation.name,
  default_listener: organisation.default_listener ?? '',
  fallback_listener: organisation.fallback_listener ?? '',
  on_request: organisation.on_request,
  unreachable_after: String(organisation.unreachable_after),
  offer_within: String(organisation.offer_within),
  allocate_within: String(organisation.allocate_within ?? ''),
  idle_complete_after: String(organisation.idle_complete_after),
  history_messages: String(organisation.history_messages),
  history_scope: organisation.history_scope,
  returned_message: organisation.returned_message ?? '',
})

const NUMBERS = ['unreachable_after', 'offer_within', 'allocate_within', 'idle_complete_after', 'history_messages']
/** Nothing entered means none. */
const NULLABLE = ['default_listener', 'fallback_listener', 'allocate_within', 'returned_message']

function sentOf(name: string, entered: string): string | number | null {
  const text = name === 'returned_message' ? entered : entered.trim()
  if (text.trim() === '' && NULLABLE.includes(name)) return null
  return NUMBERS.includes(name) ? Number(text) : text
}

const changedOf = (draft: OrganisationDraft, before: OrganisationDraft): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(draft)
      .filter(([name, value]) => value !== before[name as keyof OrganisationDraft])
      .map(([name, value]) => [name, sentOf(name, value)]),
  )

/** Only what differs from what a new one has. */
export const creationOf = (draft: OrganisationDraft): OrganisationCreate =>
  ({ name: draft.name.trim(), ...changedOf(draft, NEW_ORGANISATION) }) as OrganisationCreate

/** Only what was changed; undefined where nothing was. */
export function updateOf(draft: OrganisationDraft, organisation: Organisation): OrganisationUpdate | undefined {
  const changed = changedOf(draft, draftOf(organisation))
  return Object.keys(changed).length === 0 ? undefined : { organisation_id: organisation.id, ...changed }
}
