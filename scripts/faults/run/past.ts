import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Clock } from '../world/clock.js'
import type { Database } from '../world/database.js'

const EVERY_MS = 700
/** Batches of users, which take turns. */
const BATCHES = 40
const USERS = 12
const EACH = 15

// A hundred days ago, of users that nothing else names; the bucket as lanes/bucket.ts computes it.
const WRITE = `
  with u as materialized (
    select $1::uuid as organisation_id, $2 || n as user_id,
      get_byte(sha256(convert_to($1::text || E'\\n' || $2 || n, 'UTF8')), 0) as bucket
    from generate_series(1, $3::int) n
  ), d as materialized (
    select u.*, s, uuidv7(interval '-100 days') as id, now() - interval '100 days' as at from u, generate_series(1, $4::int) s
  ), threads_of as (
    insert into threads (bucket, organisation_id, user_id, last_message_id, last_activity_at)
    select bucket, organisation_id, user_id, $4, now() - interval '100 days' from u on conflict do nothing
  ), lanes_of as (
    insert into lanes (bucket, organisation_id, listener, user_id, head, tail) select bucket, organisation_id, 'past', user_id, $4, $4 from u
    on conflict do nothing
  ), said as (
    insert into messages (bucket, organisation_id, user_id, message_id, conversation_number, sender, listener, message_body, timestamp)
    select bucket, organisation_id, user_id, s, 1, 'ceu', 'past', '{"type":"TEXT","text":"past"}', at from d
  ), happened as (
    insert into events (bucket, organisation_id, user_id, id, conversation_number, type, subtype, created_at)
    select bucket, organisation_id, user_id, id, 1, 'conversation_state', 'bot', at from d
  ), tried as (
    insert into attempts (bucket, organisation_id, delivery_id, number, started_at, duration_ms)
    select bucket, organisation_id, id, 1, at, 1 from d
  ), ended as (
    insert into delivery_ends (bucket, organisation_id, delivery_id, state, ended_at)
    select bucket, organisation_id, id, 'undeliverable', at from d where s % 5 = 0
  )
  insert into deliveries (bucket, organisation_id, listener, user_id, sequence, id, category, subcategory, body, created_at)
  select bucket, organisation_id, 'past', user_id, s, id, 'message', 'receive', '{}', at from d`

const REMAINS = `
  select (select count(*)::int from deliveries where organisation_id = $1) as deliveries,
    (select count(*)::int from attempts where organisation_id = $1) as attempts,
    (select count(*)::int from delivery_ends e where organisation_id = $1
      and not exists (select from deliveries d where d.bucket = e.bucket and d.organisation_id = $1 and d.id = e.delivery_id)) as torn,
    (select count(*)::int from messages where organisation_id = $1) as messages,
    (select count(*)::int from events where organisation_id = $1) as events`

type Remains = Record<'deliveries' | 'attempts' | 'torn' | 'messages' | 'events', number>

/** History past its time: processes always have some to remove while they die. */
export class Past {
  readonly #organisationId = randomUUID()
  /** Messages, each with an event and a delivery. */
  written = 0

  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly problems: string[],
  ) {}

  async play(isOver: () => boolean): Promise<void> {
    for (let batch = 1; !isOver(); batch++) {
      await this.#write(`past-${batch % BATCHES}-`)
      const remains = await this.#remains()
      if (remains !== null) this.#demandWhole(remains)
      await sleep(EVERY_MS)
    }
  }

  /** Waits until all of it is gone, and notes a problem where it never is. */
  async gone(withinMs: number): Promise<void> {
    if (this.written === 0) this.problems.push('no history was written that could be removed')
    const giveUp = this.clock() + withinMs
    for (;;) {
      const remains = await this.#remains()
      if (remains !== null) {
        this.#demandWhole(remains)
        if (Object.values(remains).every((count) => count === 0)) return
      }
      if (this.clock() > giveUp) {
        this.problems.push(`history past its time is left: ${JSON.stringify(remains)}`)
        return
      }
      await sleep(200)
    }
  }

  async #write(prefix: string): Promise<void> {
    try {
      await this.database.query(WRITE, [this.#organisationId, prefix, USERS, EACH])
      this.written += USERS * EACH
    } catch {
      // The database is down or full, or the batch's last history is still there: the next batch.
    }
  }

  async #remains(): Promise<Remains | null> {
    try {
      return (await this.database.query<Remains>(REMAINS, [this.#organisationId])).rows[0] ?? null
    } catch {
      return null
    }
  }

  /** A delivery goes with its attempt, and with what says how it ended. */
  #demandWhole({ deliveries, attempts, torn }: Remains): void {
    if (deliveries === attempts && torn === 0) return
    this.problems.push(
      `of history, ${deliveries} deliveries, ${attempts} attempts and ${torn} ends without a delivery are left`,
    )
  }
}
