/** What a start makes of organisations, listeners, clients and hooks: any number of each in one statement. */
import type { Queryable } from '../database/queryable.js'

export interface NewListener {
  organisation_id: string
  listener_id: string
  kind: 'iva' | 'sac' | 'ect' | 'md' | 'analytics'
  name: string
  is_primary: boolean
  standby?: boolean
}

export interface NewClient {
  client_id: string
  organisation_id: string | null
  listener_id: string | null
  name: string
  scopes: readonly string[]
  secretHash: Buffer
}

export interface NewHook {
  organisation_id: string
  listener_id: string
  id: string
  category: string
  subcategory: string
  url: string
  status: 'active' | 'disabled'
  /** Sealed. */
  secret: Buffer
}

/** Rows as one parameter, which PostgreSQL turns back into rows. */
const json = (rows: readonly object[]) => JSON.stringify(rows)

/** Those that there are stay as they are. */
export async function addOrganisations(
  db: Queryable,
  rows: readonly { id: string; name: string }[],
  now: Date,
): Promise<void> {
  await db.query({
    text: `insert into organisations (id, name, created_at, updated_at)
      select id, name, $2, $2 from jsonb_to_recordset($1::jsonb) as n(id uuid, name text) on conflict (id) do nothing`,
    values: [json(rows), now],
  })
}

/** Those that there are stay as they are. */
export async function addListeners(db: Queryable, rows: readonly NewListener[], now: Date): Promise<void> {
  await db.query({
    text: `insert into listeners (organisation_id, listener_id, kind, name, is_primary, standby, created_at, updated_at)
      select organisation_id, listener_id, kind::listener_kind, name, is_primary, coalesce(standby, true), $2, $2
      from jsonb_to_recordset($1::jsonb)
        as n(organisation_id uuid, listener_id text, kind text, name text, is_primary boolean, standby boolean)
      on conflict (organisation_id, listener_id) do nothing`,
    values: [json(rows), now],
  })
}

/** One that there is gets the new secret; the one before is good until `previousUntil`. */
export async function putClients(
  db: Queryable,
  rows: readonly NewClient[],
  now: Date,
  previousUntil: Date,
): Promise<void> {
  if (rows.length === 0) return
  const given = rows.map(({ secretHash, ...row }) => ({ ...row, secret_hash: secretHash.toString('hex') }))
  await db.query({
    text: `with put as (
      insert into clients as c (client_id, organisation_id, listener_id, name, scopes, secret_hash, created_at, updated_at)
      select client_id, organisation_id, listener_id, name, scopes, decode(secret_hash, 'hex'), $2, $2
      from jsonb_to_recordset($1::jsonb)
        as n(client_id text, organisation_id uuid, listener_id text, name text, scopes text[], secret_hash text)
      on conflict (client_id) do update set secret_hash = excluded.secret_hash, updated_at = excluded.updated_at,
        previous_secret_hash = c.secret_hash, previous_secret_expires_at = $3
    ) select`,
    values: [json(given), now, previousUntil],
  })
}

/** Clients that the service has made for itself can do what its version lets them do. What a person gave them beside it stays. */
export async function addScopes(
  db: Queryable,
  rows: readonly Pick<NewClient, 'client_id' | 'scopes'>[],
  now: Date,
): Promise<void> {
  if (rows.length === 0) return
  await db.query({
    text: `update clients as c set updated_at = $2,
        scopes = c.scopes || array(select unnest(n.scopes) except select unnest(c.scopes))
      from jsonb_to_recordset($1::jsonb) as n(client_id text, scopes text[])
      where c.client_id = n.client_id and not c.scopes @> n.scopes`,
    values: [json(rows), now],
  })
}

/**
 * One that there is is moved, enabled or disabled, and gets the new secret; the one before is good until `previousUntil`. One that is
 * at a stream stays there, and goes back to the new address.
 */
export async function putHooks(db: Queryable, rows: readonly NewHook[], now: Date, previousUntil: Date): Promise<void> {
  const given = rows.map(({ secret, ...row }) => ({ ...row, secret: secret.toString('hex') }))
  await db.query({
    text: `with put as (
      insert into hooks as h (organisation_id, listener_id, id, category, subcategory, url, status, secret, created_at, updated_at)
      select organisation_id, listener_id, id, category, subcategory, url, status::hook_status, decode(secret, 'hex'), $2, $2
      from jsonb_to_recordset($1::jsonb) as n(organisation_id uuid, listener_id text, id uuid, category text, subcategory text,
        url text, status text, secret text)
      on conflict (organisation_id, listener_id, category, subcategory) do update set
        url = case when h.former_url is null then excluded.url else h.url end,
        former_url = case when h.former_url is null then null else excluded.url end,
        status = case when h.former_url is null then excluded.status else h.status end,
        disabled_reason = case when h.former_url is null then null else h.disabled_reason end,
        failing_since = null, secret = excluded.secret, updated_at = excluded.updated_at,
        previous_secret = h.secret, previous_secret_expires_at = $3
    ) select`,
    values: [json(given), now, previousUntil],
  })
}

export interface KnownClient {
  clientId: string
  /** Null for an operator's. */
  listenerId: string | null
  enabled: boolean
  secretHash: Buffer | null
}

/** Operators' clients, and those of an organisation with this name. */
export async function knownClients(db: Queryable, organisationId: string, name: string): Promise<KnownClient[]> {
  const { rows } = await db.query<KnownClient>({
    text: `select client_id as "clientId", listener_id as "listenerId", enabled, secret_hash as "secretHash" from clients
      where organisation_id is null or (organisation_id = $1 and name = $2) order by created_at, client_id`,
    values: [organisationId, name],
  })
  return rows
}

export interface KnownListener {
  listenerId: string
  kind: string
  enabled: boolean
  /** By `category.subcategory`. */
  hooks: Record<string, KnownHook>
}

export interface KnownHook {
  id: string
  url: string
  /** Where it was before it was moved to a stream, and goes back to. */
  formerUrl: string | null
}

/** As `lockOrganisation` of records/organisations.ts does it, on the connection of a start. */
export async function lockForChanges(db: Queryable, organisationId: string): Promise<void> {
  await db.query({
    text: 'update organisations set config_version = config_version + 1 where id = $1',
    values: [organisationId],
  })
}

export async function knownListeners(db: Queryable, organisationId: string): Promise<KnownListener[]> {
  const { rows } = await db.query<KnownListener>({
    text: `select listener_id as "listenerId", kind::text, enabled, coalesce((
        select jsonb_object_agg(category || '.' || subcategory, jsonb_build_object('id', id, 'url', url, 'formerUrl', former_url)) from hooks h
        where h.organisation_id = l.organisation_id and h.listener_id = l.listener_id), '{}') as hooks
      from listeners l where organisation_id = $1`,
    values: [organisationId],
  })
  return rows
}

/** Runs `work` within a transaction; what it throws undoes what it did, and nothing before. */
export async function undoneWhereItFails<T>(db: Queryable, work: () => Promise<T>): Promise<T> {
  await db.query({ text: 'savepoint part' })
  try {
    return await work()
  } catch (error) {
    await db.query({ text: 'rollback to savepoint part' })
    throw error
  }
}
