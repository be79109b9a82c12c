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
  onRequest: 'ask' | 'grant' | 'deny'
  unreachableAfter: number
  allocateWithin: number | null
  idleCompleteAfter: number
  historyMessages: number
  returnedMessage: string | null
  listeners: ReadonlyMap<string, ListenerRecord>
}

/**
 * Organisations with their listeners and the names of their hooks: read at every message, changed rarely. A cached one is used while its
 * version is the present one, which the reader of a thread gets in the same statement.
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

interface Row {
  organisation: Record<string, never> & {
    name: string
    config_version: number
    default_listener: string | null
    on_request: OrganisationRecord['onRequest']
    unreachable_after: number
    allocate_within: number | null
    idle_complete_after: number
    history_messages: number
    returned_message: string | null
  }
  listeners: {
    listener_id: string
    kind: ListenerRecord['kind']
    name: string
    enabled: boolean
    standby: boolean
    is_primary: boolean
    may_take: boolean
    may_pass_to: ListenerRecord['mayPassTo']
    hooks: string[]
    disabled_hooks: string[]
  }[]
}

async function readOrganisation(queryable: Queryable, organisationId: string): Promise<OrganisationRecord | null> {
  const { rows } = await queryable.query<Row>({
    name: 'organisation_read',
    text: `select to_jsonb(o) as organisation, coalesce((
        select jsonb_agg(to_jsonb(l) || (
          select jsonb_build_object(
            'hooks', coalesce(jsonb_agg(h.category || '.' || h.subcategory), '[]'),
            'disabled_hooks', coalesce(jsonb_agg(h.category || '.' || h.subcategory) filter (where h.status = 'disabled'), '[]'))
          from hooks h where h.organisation_id = l.organisation_id and h.listener_id = l.listener_id) order by l.listener_id)
        from listeners l where l.organisation_id = o.id), '[]') as listeners
      from organisations o where o.id = $1`,
    values: [organisationId],
  })
  const row = rows[0]
  if (!row) return null
  const { organisation } = row
  return {
    id: organisationId,
    name: organisation.name,
    configVersion: organisation.config_version,
    defaultListener: organisation.default_listener,
    onRequest: organisation.on_request,
    unreachableAfter: organisation.unreachable_after,
    allocateWithin: organisation.allocate_within,
    idleCompleteAfter: organisation.idle_complete_after,
    historyMessages: organisation.history_messages,
    returnedMessage: organisation.returned_message,
    listeners: new Map(
      row.listeners.map((listener) => [
        listener.listener_id,
        {
          id: listener.listener_id,
          kind: listener.kind,
          name: listener.name,
          enabled: listener.enabled,
          standby: listener.standby,
          isPrimary: listener.is_primary,
          mayTake: listener.may_take,
          mayPassTo: listener.may_pass_to,
          hooks: new Set(listener.hooks),
          disabledHooks: new Set(listener.disabled_hooks),
        },
      ]),
    ),
  }
}
