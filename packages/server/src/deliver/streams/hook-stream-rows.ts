import type { ListenerKey } from '../../accounts/listeners.js'
import type { Queryable } from '../../database/queryable.js'

export interface StreamedRequest {
  category: string
  subcategory: string
  headers: Record<string, string>
  body: string
}

export interface StreamedAttempt extends StreamedRequest {
  id: string
  expiresAt: Date
}

/** What became of an attempt; `error` where no answer came. */
export type StreamedAnswer =
  | { id: string; status: number; retry_after?: string; body?: string; body_incomplete?: boolean }
  | { id: string; error: string }

/** Opens the owner's stream in the place of any before. @returns whether a reader was there until now */
export async function openStream(
  db: Queryable,
  { organisationId, listener }: ListenerKey,
  stream: string,
  now: Date,
  aliveUntil: Date,
): Promise<boolean> {
  const { rows } = await db.query<{ alive: boolean | null }>({
    text: `with before as (
        select alive_until from hook_streams where organisation_id = $1 and listener_id = $2 for update
      ), opened as (
        insert into hook_streams (organisation_id, listener_id, stream_id, alive_until) values ($1, $2, $3, $5)
        on conflict (organisation_id, listener_id)
          do update set stream_id = excluded.stream_id, alive_until = excluded.alive_until
      ) select alive_until > $4 as alive from before`,
    values: [organisationId, listener, stream, now, aliveUntil],
  })
  return rows[0]?.alive ?? false
}

/** Its owner has called again. @returns whether it was alive until now; null if it is not the owner's newest */
export async function keepStream(
  db: Queryable,
  { organisationId, listener }: ListenerKey,
  stream: string,
  now: Date,
  aliveUntil: Date,
): Promise<boolean | null> {
  const { rows } = await db.query<{ alive: boolean }>({
    text: `with before as (
        select alive_until from hook_streams
        where organisation_id = $1 and listener_id = $2 and stream_id = $3 for update)
      update hook_streams h set alive_until = $5 from before
      where h.organisation_id = $1 and h.listener_id = $2 and h.stream_id = $3
      returning before.alive_until > $4 as alive`,
    values: [organisationId, listener, stream, now, aliveUntil],
  })
  return rows[0]?.alive ?? null
}

/** Its reader has hung up: it is away, unless it has called again since. @param aliveUntil as that call set it */
export async function leaveStream(
  db: Queryable,
  { organisationId, listener }: ListenerKey,
  stream: string,
  aliveUntil: Date,
  awayUntil: Date,
): Promise<void> {
  await db.query({
    text: `update hook_streams set alive_until = $5
      where organisation_id = $1 and listener_id = $2 and stream_id = $3 and alive_until = $4`,
    values: [organisationId, listener, stream, aliveUntil, awayUntil],
  })
}

/** Ends the owner's newest stream, and locks it. @returns whether it is that */
export async function endStream(
  db: Queryable,
  { organisationId, listener }: ListenerKey,
  stream: string,
  now: Date,
): Promise<boolean> {
  const { rows } = await db.query({
    text: `update hook_streams set alive_until = $4 where organisation_id = $1 and listener_id = $2 and stream_id = $3
      returning 1`,
    values: [organisationId, listener, stream, now],
  })
  return rows.length === 1
}

/** Locks the owner's stream, also where there is none, against opening one. @returns whether it was not read since `aliveUntil` */
export async function lockLeftStream(
  db: Queryable,
  { organisationId, listener }: ListenerKey,
  aliveUntil: Date,
): Promise<boolean> {
  const { rows } = await db.query({
    text: `insert into hook_streams as s (organisation_id, listener_id, stream_id, alive_until)
      values ($1, $2, gen_random_uuid(), to_timestamp(0))
      on conflict (organisation_id, listener_id) do update set alive_until = s.alive_until where s.alive_until < $3
      returning 1`,
    values: [organisationId, listener, aliveUntil],
  })
  return rows.length === 1
}

/** The attempts that wait for an answer, but for those that are known. @returns null if it is not the owner's newest stream */
export async function attemptsUnderWay(
  db: Queryable,
  { organisationId, listener }: ListenerKey,
  stream: string,
  known: readonly string[],
  limit: number,
  now: Date,
): Promise<StreamedAttempt[] | null> {
  const { rows } = await db.query<Omit<StreamedAttempt, 'id' | 'expiresAt'> & { id: string | null; expires_at: Date }>({
    text: `select a.* from hook_streams s left join lateral (
        select id, category, subcategory, headers, body, expires_at from stream_attempts
        where organisation_id = $1 and listener_id = $2 and answer is null and expires_at > $6 and id <> all($4::uuid[])
        order by id limit $5) a on true
      where s.organisation_id = $1 and s.listener_id = $2 and s.stream_id = $3`,
    values: [organisationId, listener, stream, known, limit, now],
  })
  if (rows.length === 0) return null
  return rows.flatMap(({ id, expires_at, ...request }) =>
    id === null ? [] : [{ id, ...request, expiresAt: expires_at }],
  )
}

/** Puts an attempt where the reader finds it. @returns false if there is no reader */
export async function placeAttempt(
  db: Queryable,
  { organisationId, listener }: ListenerKey,
  { id, category, subcategory, headers, body, expiresAt }: StreamedAttempt,
  now: Date,
): Promise<boolean> {
  const { rowCount } = await db.query({
    text: `insert into stream_attempts (organisation_id, listener_id, id, category, subcategory, headers, body, expires_at)
      select organisation_id, listener_id, $3, $4, $5, $6, $7, $8 from hook_streams
      where organisation_id = $1 and listener_id = $2 and alive_until > $9`,
    values: [organisationId, listener, id, category, subcategory, JSON.stringify(headers), body, expiresAt, now],
  })
  return rowCount === 1
}

/** @returns the ids of the attempts that were waiting for these answers */
export async function answerAttempts(
  db: Queryable,
  { organisationId, listener }: ListenerKey,
  answers: readonly StreamedAnswer[],
  now: Date,
): Promise<string[]> {
  const { rows } = await db.query<{ id: string }>({
    text: `update stream_attempts a set answer = n.answer from unnest($3::uuid[], $4::jsonb[]) n(id, answer)
      where a.organisation_id = $1 and a.listener_id = $2 and a.id = n.id and a.answer is null and a.expires_at > $5
      returning a.id`,
    values: [organisationId, listener, answers.map(({ id }) => id), answers.map((one) => JSON.stringify(one)), now],
  })
  return rows.map(({ id }) => id)
}

/** Removes an attempt together with its answer. @param unanswered even if it has none. @returns undefined if there is none */
export async function removeAnswered(
  db: Queryable,
  { organisationId, listener }: ListenerKey,
  id: string,
  unanswered: boolean,
): Promise<StreamedAnswer | undefined> {
  const { rows } = await db.query<{ answer: StreamedAnswer | null }>({
    text: `delete from stream_attempts where organisation_id = $1 and listener_id = $2 and id = $3
        and (answer is not null or $4) returning answer`,
    values: [organisationId, listener, id, unanswered],
  })
  return rows[0]?.answer ?? undefined
}

/** Removes attempts of processes that died in the middle of one. */
export async function pruneAttempts(db: Queryable, expiredBefore: Date): Promise<void> {
  await db.query({ text: 'delete from stream_attempts where expires_at < $1', values: [expiredBefore] })
}
