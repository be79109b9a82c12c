import type { OrganisationRecord } from '../accounts/organisations.js'
import type { Lane } from '../lanes/lanes.js'
import type { Listener } from '../threads/types.js'

/** The listeners of each organisation as they are while none of them is failing, which is nearly always. */
const withoutFailures = new WeakMap<OrganisationRecord, readonly Listener[]>()

/** An organisation's listeners as thread control sees them: with which of them cannot be reached about this user. */
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
    return { ...listener, failingSince, reachable: !lost && !listener.disabledHooks.has('message.receive') }
  })
}
