/** Stores messages on threads as they are remembered, if they still are so. One statement that commits by itself. */
import type { Queryable } from '../../database/queryable.js'
import type { SecretBox } from '../../database/secret-box.js'
import { type References, statement } from '../../database/statement.js'
import type { LaneOffer } from '../../lanes/offer.js'
import { compareUsers, USER_KEY } from '../../lanes/user-key.js'
import { compareKeys, KEPT_ANSWER_ROW, type KeptAnswer, keptAnswerRow } from '../idempotency.js'
import { ANSWER, ifSavedIn, ROW_PARAMETERS, storeRows, type UserRows, type Written, withRows } from '../store.js'
import { tenMinutesOf, threadOf } from '../threads.js'

/**
 * Messages for one thread that nothing follows from but their deliveries, worked out on what is remembered of the
 * thread.
 */
export interface Appending extends UserRows {
  lastMessageId: number
  /**
   * Of the thread and of its organisation, as they are remembered: if either has moved on, nothing of this is written.
   */
  version: number
  configVersion: number
  /** The answers of calls with an Idempotency-Key. */
  answers: readonly KeptAnswer[]
}

const PARAMETERS = {
  ...ROW_PARAMETERS,
  threads: { place: 'int', ...USER_KEY, version: 'bigint', configVersion: 'int', lastMessageId: 'int' },
} as const

/** A thread is not saved if its version has moved on. */
const rowsOf = ({ threads, ...rows }: References<typeof PARAMETERS>): string =>
  withRows(
    rows,
    `saved as (
    update threads t set last_message_id = c.last_message_id, last_activity_at = ${rows.now},
      active_in = ${tenMinutesOf(rows.now)}, version = t.version + 1
    from ${threads('c')}
    where ${threadOf('c')} and t.version = c.version
      and c.config_version = (select o.config_version from organisations o where o.id = c.organisation_id)
    returning c.place
  )`,
  )

const APPEND = statement({
  name: 'messages_append',
  parameters: PARAMETERS,
  text: (rows) => `${rowsOf(rows)} ${ANSWER}`,
})

// Of its own, since most calls have no Idempotency-Key, and PostgreSQL makes ready for each part of a statement, rows or not. A key
// that is there already fails the whole statement, because one call cannot be left out of its thread's messages.
const APPEND_WITH_KEYS = statement({
  name: 'messages_append_with_keys',
  parameters: { ...PARAMETERS, keys: KEPT_ANSWER_ROW },
  text: ({ keys, ...rows }) => `${rowsOf(rows)}, kept as (
    insert into idempotency_keys (bucket, client_id, key, operation_id, request_hash, organisation_id, user_id, status, answer, created_at)
    select bucket, client_id, key, operation_id, request_hash, organisation_id, user_id, status, answer, ${rows.now}
    from ${keys('k')} where ${ifSavedIn('k')}
  ) ${ANSWER}`,
})

/**
 * Writes messages with their deliveries, each thread given once and every lane there already. After that, hand over the
 * leased lanes, and wake the buckets of the others (see `Wakeups`).
 * @returns in the order of `appendings`; null where nothing was written, because the thread is not as it was remembered
 * @throws `unique_violation` (SQLSTATE 23505) of `idempotency_keys_pkey` if a key is there already; nothing is written
 */
export function appendMessages(
  db: Queryable,
  box: SecretBox,
  now: Date,
  appendings: readonly Appending[],
  offer?: LaneOffer,
): Promise<(Written | null)[]> {
  const threads = appendings.map(({ key, version, configVersion, lastMessageId }, place) => ({
    place,
    version,
    configVersion,
    lastMessageId,
    ...key,
  }))
  const keys = appendings.flatMap(({ answers }, place) => answers.map((kept) => keptAnswerRow(box, kept, place)))
  return storeRows(db, { now, users: appendings, offer }, (rows) => {
    const written = { ...rows, threads: threads.sort(compareUsers) }
    return keys.length === 0 ? APPEND(written) : APPEND_WITH_KEYS({ ...written, keys: keys.sort(compareKeys) })
  })
}
