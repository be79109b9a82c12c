/**
 * Conversations as rows. A row is begun when a conversation opens, and changed when its owner changes and when it closes:
 * never for a message, and always in the statement that writes the thread. What became of a thread is compared with what
 * it was before (`note`), so that every way in which control moves is in the row.
 */
import type { ConversationOutcome, ConversationOwner } from '@tract/contract'
import { isOpen } from '../threads/thread.js'
import type { Command, Thread } from '../threads/types.js'
import { outcomeOf } from './events/outcome.js'

/** What becomes of one conversation in a transaction. */
export interface ConversationChange {
  conversationNumber: number
  /** Null: it is open already, or was closed before. */
  openedAt: Date | null
  /** The first message that can be of it, where it opens here. */
  firstMessageId: number | null
  closedAt: Date | null
  /** The owners that are new to it. The owner before has no control any more. */
  owners: ConversationOwner[]
  outcome: ConversationOutcome | null
}

export class ConversationLog {
  readonly #now: Date
  readonly #changes = new Map<number, ConversationChange>()

  constructor(now: Date) {
    this.#now = now
  }

  get changes(): readonly ConversationChange[] {
    return [...this.#changes.values()]
  }

  /** @param nextMessageId the number of the message that comes next */
  note(before: Thread, after: Thread, command: Command, nextMessageId: number): void {
    const isNew = after.conversationNumber !== before.conversationNumber
    if (isOpen(before) && (isNew || !isOpen(after))) {
      const closed = this.#changeOf(before.conversationNumber)
      this.#end(closed)
      closed.closedAt = this.#now
      closed.outcome = outcomeOf(command)
    }
    if (isNew) {
      const opened = this.#changeOf(after.conversationNumber)
      opened.openedAt = this.#now
      opened.firstMessageId = nextMessageId
      this.#begin(opened, after)
    } else if (isOpen(after) && after.epoch !== before.epoch) {
      const passed = this.#changeOf(after.conversationNumber)
      this.#end(passed)
      this.#begin(passed, after)
    }
  }

  #changeOf(conversationNumber: number): ConversationChange {
    const known = this.#changes.get(conversationNumber)
    if (known) return known
    const change: ConversationChange = {
      conversationNumber,
      openedAt: null,
      firstMessageId: null,
      closedAt: null,
      owners: [],
      outcome: null,
    }
    this.#changes.set(conversationNumber, change)
    return change
  }

  #begin({ owners }: ConversationChange, { owner, memory }: Thread): void {
    if (owner === null) return
    const { context } = memory
    owners.push({ owner, from: this.#now.toISOString(), ...(context && { context }) })
  }

  #end({ owners }: ConversationChange): void {
    const last = owners.at(-1)
    if (last && last.to === undefined) last.to = this.#now.toISOString()
  }
}

export const CONVERSATION_ROW = {
  place: 'int',
  bucket: 'smallint',
  organisationId: 'uuid',
  userId: 'text',
  conversationNumber: 'int',
  openedAt: 'timestamptz',
  firstMessageId: 'int',
  closedAt: 'timestamptz',
  owners: 'jsonb',
  outcome: 'jsonb',
} as const

/** Owners that a row keeps: the last ones. `held_by` has every listener that ever was in control. */
const MOST_OWNERS = 100

// A row that is there was begun before: whatever changes it ends the last owner's time. One that is not there is begun with what is
// known: it is of a conversation that was opened by a process of a version without rows.
/** The CTE that writes rows of conversations; `now` and `ifSavedIn` as in `store.ts`, `nowInJson` as an owner's end has it. */
export const conversationsWritten = (
  rows: (alias: string) => string,
  { now, nowInJson }: Readonly<Record<'now' | 'nowInJson', string>>,
  ifSavedIn: (row: string) => string,
): string => `conversed as (
    insert into conversations as c (bucket, organisation_id, user_id, conversation_number, opened_at, first_message_id, closed_at, owners,
      held_by, outcome)
    select bucket, organisation_id, user_id, conversation_number, coalesce(opened_at, ${now}), first_message_id, closed_at, owners,
      array(select distinct o ->> 'owner' from jsonb_array_elements(owners) o), outcome
    from ${rows('r')} where ${ifSavedIn('r')}
    on conflict (bucket, organisation_id, user_id, conversation_number) do update set
      closed_at = coalesce(excluded.closed_at, c.closed_at),
      outcome = coalesce(excluded.outcome, c.outcome),
      owners = jsonb_path_query_array((
        case when c.owners #> '{-1}' is null or c.owners #> '{-1}' ? 'to' then c.owners
          else jsonb_set(c.owners, '{-1,to}', ${nowInJson}) end
      ) || excluded.owners, '$[last - ${MOST_OWNERS - 1} to last]'),
      held_by = array(select distinct unnest(c.held_by || excluded.held_by))
  )`
