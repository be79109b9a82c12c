import type pg from 'pg'

/** What the processes of the service tell each other of themselves, with calls or without, and what they write a while after a call. */
const ALIVE = ['buckets', 'dispatchers', 'message_words']

/**
 * A digest of every row of every table, or of those of one organisation. Two that are equal mean that nothing was stored, changed or removed
 * in between.
 */
export async function storedRows(client: pg.Client, organisation?: string): Promise<Record<string, string>> {
  const { rows: tables } = await client.query<{ name: string; key: string | null }>(
    `select c.relname as name, max(a.attname::text) filter (
        where a.attname = 'organisation_id' or (c.relname = 'organisations' and a.attname = 'id')) as key
      from pg_class c join pg_attribute a on a.attrelid = c.oid
      where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace and c.relname <> all($1) group by c.relname order by c.relname`,
    [ALIVE],
  )
  const digests = tables
    .filter(({ key }) => organisation === undefined || key !== null)
    .map(
      ({ name, key }) => `select '${name}' as name,
        count(*) || ' rows ' || coalesce(md5(string_agg(t::text, '' order by t::text)), '') as digest
      from "${name}" t ${organisation === undefined ? '' : `where "${key}" = '${organisation}'`}`,
    )
  const { rows } = await client.query<{ name: string; digest: string }>(digests.join(' union all '))
  return Object.fromEntries(rows.map(({ name, digest }) => [name, digest]))
}
