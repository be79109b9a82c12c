import type { Hours } from '@tract/contract'
import { LRUCache } from 'lru-cache'
import type { Queryable } from '../database/queryable.js'

export interface ListenerRecord {
  id: string
  kind: 'iva' | 'sac' | 'ect' | 'md' | 'analytics'
  name: string
  enabled: boolean
  standby: boolean
  isPrimary: boolean
  mayTake: boolean
  mayPassTo: 'default_or_primary' | 'any'
  hours: Hours | null
  createUser: 'once' | 'per_conversation'
  /** `category.subcategory` of its hooks, disabled ones included: what they would get waits for them. */
  hooks: ReadonlySet<string>
  /** Those of them that are disabled. */
  disabledHooks: ReadonlySet<string>
}

export interface OrganisationRecord {
  id: string
  name: string
  configVersion: number
  defaultListener: string | null
  fallbackListener: string | null
  onRequest: 'ask' | 'grant' | 'deny'
  unreachableAfter: number
  offerWithin: number
  allocateWithin: number | null
  idleCompleteAfter: number
  historyMessages: number
  /** Which messages a desk gets at a pass. */
  historyScope: 'conversation' | 'user'
  returnedMessage: string | null
  listeners: ReadonlyMap<string, ListenerRecord>
}

/**
 * Organisations with their listeners and the names of their hooks: read at every message, changed rarely. A cached one
 * counts while it has the present version, which the reader of a thread gets in the same statement.
 */
export class Organisations {
  readonly #cache = new LRUCache<string, OrganisationRecord>({ max: 10_000 })

  cached(organisationId: string): OrganisationRecord | undefined {
    return this.#cache.get(organisationId)
  }

  /** Null where there is no such organisation. */
  async at(
    queryable: Queryable,
    organisationId: string,
    version: number | undefined,
  ): Promise<OrganisationRecord | null> {
    const cached = this.#cache.get(organisationId)
    if (cached && cached.configVersion === version) return cached
    const fresh = await readOrganisation(queryable, organisationId)
    if (fresh) this.#cache.set(organisationId, fresh)
    return fresh
  }
}

type Listed<Of extends { hooks: unknown }> = Omit<Of, 'hooks' | 'disabledHooks'> &
  Record<'hooks' | 'disabledHooks', string[]>
type Row = Omit<OrganisationRecord, 'listeners'> & { listeners: Listed<ListenerRecord>[] }

async function readOrganisation(queryable: Queryable, organisationId: string): Promise<OrganisationRecord | null> {
  const { rows } = await queryable.query<Row>({
    name: 'organisation_read',
    text: `select id, name, config_version as "configVersion", default_listener as "defaultListener", fallback_listener as "fallbackListener", on_request as "onRequest",
        unreachable_after as "unreachableAfter", offer_within as "offerWithin", allocate_within as "allocateWithin", idle_complete_after as "idleCompleteAfter",
        history_messages as "historyMessages", history_scope as "historyScope", returned_message as "returnedMessage", coalesce((
        select jsonb_agg(jsonb_build_object('id', listener_id, 'kind', kind, 'name', name, 'enabled', enabled, 'standby', standby,
          'isPrimary', is_primary, 'mayTake', may_take, 'mayPassTo', may_pass_to, 'hours', hours,
          'createUser', create_user) || (
          select jsonb_build_object(
            'hooks', coalesce(jsonb_agg(h.category || '.' || h.subcategory), '[]'),
            'disabledHooks', coalesce(jsonb_agg(h.category || '.' || h.subcategory) filter (where h.status = 'disabled'), '[]'))
          from hooks h where h.organisation_id = l.organisation_id and h.listener_id = l.listener_id) order by l.listener_id)
        from listeners l where l.organisation_id = o.id), '[]') as listeners
      from organisations o where o.id = $1`,
    values: [organisationId],
  })
  const [row] = rows
  if (!row) return null
  const listeners = row.listeners.map(
    ({ hooks, disabledHooks, ...listener }) =>
      [listener.id, { ...listener, hooks: new Set(hooks), disabledHooks: new Set(disabledHooks) }] as const,
  )
  return { ...row, listeners: new Map(listeners) }
}
