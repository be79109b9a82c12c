/** What clients may hold, in words. */
import type { ListenerKind, Scope } from '@tract/contract'

export const SCOPES: Readonly<Record<Scope, string>> = {
  hooks: 'Register hooks, test them, rotate their secrets',
  'users:read': 'Read users',
  'messages:read': 'Read transcripts and conversations',
  'messages:write': 'Send messages and files',
  'events:write': 'Send events',
  'threads:read': 'See who is in control of a thread',
  'threads:control': 'Move control',
  deliveries: 'See deliveries, retry and replay them',
  'platform:users': 'Create, change and erase users',
  'platform:messages': 'Bring what users and the platform say',
  'platform:events': 'Bring events of users and the platform',
  'platform:admin': 'All of it: an operator',
}

const ALL = Object.keys(SCOPES) as readonly Scope[]

/** What a client of a listener may hold: vendors never speak for the platform. No kind: an operator's client. */
export const scopesFor = (kind: ListenerKind | undefined): readonly Scope[] => {
  if (kind === undefined) return ['platform:admin']
  return ALL.filter((scope) => scope !== 'platform:admin' && !(kind === 'ect' && scope.startsWith('platform:')))
}
