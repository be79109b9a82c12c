import type { Queryable } from '../database/queryable.js'

/** What a client authenticates with, and what its tokens say. */
export interface ClientCredentials {
  clientId: string
  /** Null for an operator's client. */
  organisationId: string | null
  listenerId: string | null
  scopes: string[]
  /** The client's public JSON Web Key Set. */
  jwks: unknown
  /** The client is enabled, and so is its listener, if it has one. */
  enabled: boolean
  secretHash: Buffer | null
  previousSecretHash: Buffer | null
  previousSecretExpiresAt: Date | null
}

const ENABLED = '(c.enabled and (c.listener_id is null or coalesce(l.enabled, false)))'
const CLIENTS_WITH_LISTENERS =
  'clients c left join listeners l on l.organisation_id = c.organisation_id and l.listener_id = c.listener_id'

export async function findClientCredentials(db: Queryable, clientId: string): Promise<ClientCredentials | undefined> {
  const { rows } = await db.query<ClientCredentials>({
    name: 'find_client_credentials',
    text: `select c.client_id as "clientId", c.organisation_id as "organisationId", c.listener_id as "listenerId",
      coalesce(c.scopes, '{}') as scopes, c.jwks, ${ENABLED} as enabled, c.secret_hash as "secretHash",
      c.previous_secret_hash as "previousSecretHash", c.previous_secret_expires_at as "previousSecretExpiresAt"
      from ${CLIENTS_WITH_LISTENERS} where c.client_id = $1`,
    values: [clientId],
  })
  return rows[0]
}

/** The ids of every client whose tokens no longer count: it is disabled, or its listener is. */
export async function listDisabledClients(db: Queryable): Promise<string[]> {
  const { rows } = await db.query<{ client_id: string }>({
    name: 'list_disabled_clients',
    text: `select c.client_id from ${CLIENTS_WITH_LISTENERS} where not ${ENABLED}`,
  })
  return rows.map((row) => row.client_id)
}
