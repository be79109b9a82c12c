/** Threads by what was said on them, and by the names of their users: those that may be meant, where they are few. */
import { folded, foldedWords, wordsOf } from '../accept/searched.js'
import type { Queryable } from '../database/queryable.js'

/** A thread that may be meant. */
export interface Hit {
  bucket: number
  userId: string
  /** The newest message that has the words; null in a search by name. */
  messageId: number | null
}

/** More of either are too many to be looked at each: then threads are gone through in their order, which soon finds some. */
const MOST_MESSAGES = 10_000
const MOST_USERS = 2_000

/** The words of a search as a `tsquery`: all have to be there. Null where it has none, such as `…!`. */
export async function queryOf(db: Queryable, organisationId: string, text: string): Promise<string | null> {
  const { rows } = await db.query<{ words: string[] }>({
    text: `select ${wordsOf('$2::text', '$1::uuid')} as words`,
    values: [organisationId, foldedWords(text)],
  })
  const words = rows[0]?.words ?? []
  return words.length === 0 ? null : words.map((word) => `'${word.replace(/['\\]/g, '$&$&')}'`).join(' & ')
}

/** Null: too many have the words. */
export async function saidBy(db: Queryable, organisationId: string, query: string): Promise<Hit[] | null> {
  const { rows } = await db.query<Hit & { hits: number }>({
    text: `with hits as materialized (
        select bucket, user_id, message_id from message_words where words @@ $2::tsquery and organisation_id = $1 limit $3
      )
      select bucket, user_id as "userId", max(message_id) as "messageId", (select count(*)::int from hits) as hits from hits
      group by bucket, user_id`,
    values: [organisationId, query, MOST_MESSAGES + 1],
  })
  return (rows[0]?.hits ?? 0) > MOST_MESSAGES ? null : rows
}

/** What is greater than all that begins with a text. */
const endOf = (prefix: string): string => `${prefix}\u{10ffff}`

/** Null: too many are called so. */
export async function calledSo(db: Queryable, organisationId: string, namePrefix: string): Promise<Hit[] | null> {
  const prefix = folded(namePrefix)
  const { rows } = await db.query<Hit>({
    text: `select bucket, user_id as "userId", null::int as "messageId" from users
      where organisation_id = $1 and search_name is not null and search_name >= $2 and search_name < $3 limit $4`,
    values: [organisationId, prefix, endOf(prefix), MOST_USERS + 1],
  })
  return rows.length > MOST_USERS ? null : rows
}
