import type { Queryable } from '../database/queryable.js'
import type { Sliced } from '../database/slices.js'
import { bucketOf } from '../lanes/bucket.js'
import { hookStand, organisationStand, userStand } from './changes.js'

export interface Change {
  type: 'thread' | 'delivery' | 'hook' | 'gap'
  user_id?: string
  listener_id?: string
}

/** Looks, and says what is not as it was the last time; the first look says nothing. */
export type ChangeSource = () => Promise<Change[]>

/** What is remembered of the last look, by name. */
class Stands {
  #known: ReadonlyMap<string, string> | undefined

  /** The names that came, went, or stand otherwise than before. */
  update(stands: ReadonlyMap<string, string>): string[] {
    const known = this.#known
    this.#known = stands
    if (!known) return []
    const names = new Set([...known.keys(), ...stands.keys()])
    return [...names].filter((name) => known.get(name) !== stands.get(name))
  }
}

/** A user id may hold anything; a listener's never holds a space. */
const laneName = ({ listener, user_id }: { listener: string; user_id: string }) => `${listener} ${user_id}`
const deliveryChange = (lane: string): Change => {
  const space = lane.indexOf(' ')
  return { type: 'delivery', user_id: lane.slice(space + 1), listener_id: lane.slice(0, space) }
}

/** One user's thread and lanes. */
export function userChanges(slices: Sliced<Queryable>, organisationId: string, userId: string): ChangeSource {
  const threads = new Stands()
  const lanes = new Stands()
  const key = { bucket: bucketOf(organisationId, userId), organisationId, userId }
  const db = slices.of(key.bucket)
  return async () => {
    const stand = await userStand(db, key)
    const changed = threads.update(new Map([[userId, String(stand.version)]]))
    const moved = lanes.update(new Map(stand.lanes.map((lane) => [laneName(lane), lane.stand])))
    return [...changed.map((user_id): Change => ({ type: 'thread', user_id })), ...moved.map(deliveryChange)]
  }
}

/** Clocks of other machines, and transactions that take a while. */
const OVERLAP_MS = 10_000
const MOST_AT_ONCE = 500

/** Everything that moves in an organisation. A thread on which nothing is delivered moves unseen. */
export function organisationChanges(slices: Sliced<Queryable>, organisationId: string): ChangeSource {
  const waiting = new Stands()
  const hooks = new Stands()
  let newest: Map<string, string> | undefined
  let lookedAt = Date.now()
  return async () => {
    const since = lookedAt - OVERLAP_MS
    lookedAt = Date.now()
    const stand = await organisationStand(slices, organisationId, since)
    const present = await hookStand(slices.first, organisationId)
    const before = newest
    newest = new Map()
    for (const lane of stand.enqueued) {
      const name = laneName(lane)
      if ((newest.get(name) ?? '') < lane.stand) newest.set(name, lane.stand)
    }
    const enqueued = before
      ? [...newest].filter(([name, id]) => (before.get(name) ?? '') < id).map(([name]) => name)
      : []
    const moved = waiting.update(new Map(stand.waiting.map((lane) => [laneName(lane), lane.stand])))
    const touched = hooks.update(new Map(present.map(({ listener, stand }) => [listener, stand])))
    const lanes = [...new Set([...enqueued, ...moved])].map(deliveryChange)
    const users = new Set(lanes.map(({ user_id = '' }) => user_id))
    if (before && (stand.isCut || lanes.length > MOST_AT_ONCE)) return [{ type: 'gap' }]
    return [
      ...[...users].map((user_id): Change => ({ type: 'thread', user_id })),
      ...lanes,
      ...touched.map((listener_id): Change => ({ type: 'hook', listener_id })),
    ]
  }
}
