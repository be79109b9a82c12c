/**
 * Whether anybody is there at a listener, or in one of its teams. What the listener said counts until it lapses: of a
 * team, what was said of that, else of the listener as a whole; then the listener's configured hours count, and without
 * hours it is open. Only those ask who are about to give a thread away, or want to know: no message does.
 */
import type { AvailabilitySet, AvailabilityState, Hours } from '@tract/contract'
import type { Queryable } from '../../database/queryable.js'
import type { ListenerKey } from '../listeners.js'
import { openingAt } from './opening-hours.js'

export interface Statement {
  listener: string
  /** Empty for the listener as a whole. */
  team: string
  status: 'open' | 'busy' | 'closed'
  capacity: number | null
  waiting: number | null
  estimatedWaitSeconds: number | null
  reopensAt: Date | null
  validUntil: Date
}

const WHOLE = ''
/** A listener has this many teams at most of which something stands. */
export const MOST_TEAMS = 200

/** What stands, by listener. */
export class Statements {
  readonly #byListener = new Map<string, Map<string, Statement>>()

  constructor(statements: readonly Statement[]) {
    for (const statement of statements) {
      const teams = this.#byListener.get(statement.listener) ?? new Map<string, Statement>()
      this.#byListener.set(statement.listener, teams.set(statement.team, statement))
    }
  }

  /** The teams of which a listener says something. */
  teams(listener: string): string[] {
    return [...(this.#byListener.get(listener)?.keys() ?? [])].filter((team) => team !== WHOLE).sort()
  }

  at({ id, hours }: { id: string; hours: Hours | null }, team: string | undefined, now: Date): AvailabilityState {
    const said = this.#byListener.get(id)
    const statement = said?.get(team ?? WHOLE) ?? said?.get(WHOLE)
    if (statement) return told(statement)
    if (hours === null) return { status: 'open' }
    const { open, reopensAt } = openingAt(hours, now.getTime())
    if (open) return { status: 'open' }
    return { status: 'closed', ...(reopensAt !== null && { reopens_at: new Date(reopensAt).toISOString() }) }
  }
}

function told({
  status,
  capacity,
  waiting,
  estimatedWaitSeconds,
  reopensAt,
  validUntil,
}: Statement): AvailabilityState {
  return {
    status,
    ...(capacity !== null && { capacity }),
    ...(waiting !== null && { waiting }),
    ...(estimatedWaitSeconds !== null && { estimated_wait_seconds: estimatedWaitSeconds }),
    ...(reopensAt !== null && { reopens_at: reopensAt.toISOString() }),
    valid_until: validUntil.toISOString(),
  }
}

/** What listeners of an organisation said and has not lapsed; of one listener only, where it is named. */
export async function readStatements(
  db: Queryable,
  organisationId: string,
  listener: string | null,
  now: Date,
): Promise<Statements> {
  const { rows } = await db.query<Statement>({
    name: 'availability_read',
    text: `select listener_id as listener, team, status::text, capacity, waiting, estimated_wait_seconds as "estimatedWaitSeconds",
        reopens_at as "reopensAt", valid_until as "validUntil"
      from availability where organisation_id = $1 and ($2::text is null or listener_id = $2) and valid_until > $3`,
    values: [organisationId, listener, now],
  })
  return new Statements(rows)
}

/**
 * Keeps what a listener says, and forgets what lapsed of it.
 * @returns false where it says something of too many teams
 */
export async function keepStatement(
  db: Queryable,
  { organisationId, listener }: ListenerKey,
  said: AvailabilitySet,
  now: Date,
): Promise<boolean> {
  const until = now.getTime() + said.valid_for_seconds * 1000
  const reopensAt = said.status !== 'closed' || said.reopens_at === undefined ? null : new Date(said.reopens_at)
  const validUntil = new Date(reopensAt === null ? until : Math.min(until, reopensAt.getTime()))
  await db.query({
    name: 'availability_forget',
    text: 'delete from availability where organisation_id = $1 and listener_id = $2 and valid_until <= $3',
    values: [organisationId, listener, now],
  })
  const { rowCount } = await db.query({
    name: 'availability_keep',
    text: `insert into availability (organisation_id, listener_id, team, status, capacity, waiting, estimated_wait_seconds, reopens_at, valid_until)
      select $1::uuid, $2::text, $3::text, $4::text::availability_status, $5::int, $6::int, $7::int, $8::timestamptz, $9::timestamptz
      where $3::text = '' or (select count(*) from availability where organisation_id = $1::uuid and listener_id = $2::text and team not in ('', $3::text)) < $10
      on conflict (organisation_id, listener_id, team) do update set status = excluded.status, capacity = excluded.capacity,
        waiting = excluded.waiting, estimated_wait_seconds = excluded.estimated_wait_seconds, reopens_at = excluded.reopens_at,
        valid_until = excluded.valid_until`,
    values: [
      organisationId,
      listener,
      said.team ?? WHOLE,
      said.status,
      said.capacity ?? null,
      said.waiting ?? null,
      said.estimated_wait_seconds ?? null,
      reopensAt,
      validUntil,
      MOST_TEAMS,
    ],
  })
  return rowCount === 1
}
