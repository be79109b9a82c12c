import { readStatements } from '../accounts/availability/availability.js'
import type { OrganisationRecord } from '../accounts/organisations.js'
import type { Queryable } from '../database/queryable.js'
import type { Lane } from '../lanes/lanes.js'
import type { Listener } from '../threads/types.js'

/** The listeners of each organisation as they are while none of them is failing, which is nearly always. */
const withoutFailures = new WeakMap<OrganisationRecord, readonly Listener[]>()

/**
 * An organisation's listeners as thread control sees them: with which of them cannot be reached about this user. All
 * count as open, which is looked at only where a thread is to be given away: see `withAvailability`.
 */
export function listenersOf(
  organisation: OrganisationRecord,
  lanes: ReadonlyMap<string, Lane>,
  now: Date,
): readonly Listener[] {
  for (const { failingSince } of lanes.values()) if (failingSince !== null) return withLanes(organisation, lanes, now)
  let listeners = withoutFailures.get(organisation)
  if (listeners === undefined) {
    listeners = withLanes(organisation, new Map(), now)
    withoutFailures.set(organisation, listeners)
  }
  return listeners
}

function withLanes({ listeners, unreachableAfter }: OrganisationRecord, lanes: ReadonlyMap<string, Lane>, now: Date) {
  const limit = now.getTime() - unreachableAfter * 1000
  return [...listeners.values()].map((listener) => {
    const failingSince = lanes.get(listener.id)?.failingSince?.getTime() ?? null
    const lost = failingSince !== null && failingSince <= limit
    const reachable = !lost && !listener.disabledHooks.has('message.receive')
    return { ...listener, failingSince, reachable, closed: false, reopensAt: null }
  })
}

/** The same listeners, with which of them are closed, or their team of this name is. */
export async function withAvailability(
  db: Queryable,
  organisation: OrganisationRecord,
  listeners: readonly Listener[],
  team: string | undefined,
  now: Date,
): Promise<readonly Listener[]> {
  const statements = await readStatements(db, organisation.id, null, now)
  return listeners.map((listener) => {
    const { hours = null } = organisation.listeners.get(listener.id) ?? {}
    const { status, reopens_at: reopensAt } = statements.at({ id: listener.id, hours }, team, now)
    const closed = status === 'closed'
    return { ...listener, closed, reopensAt: closed && reopensAt !== undefined ? Date.parse(reopensAt) : null }
  })
}
