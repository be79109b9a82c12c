import type { Conversation, ThreadDetails } from '@tract/contract'
import { useState } from 'react'
import { useAnswer } from '../../../api/use-answer.js'
import { Button } from '../../../components/button.js'
import { Loading } from '../../../components/empty.js'
import { Problem } from '../../../components/problem.js'
import { type Column, Table } from '../../../components/table.js'
import { useChanges } from '../../../stream/use-changes.js'
import { Time } from '../../../time/time.js'
import { Outcome, Owners, Rating } from './conversation-cells.js'
import './conversations.css'

const FIRST = 10
const MOST = 200

const COLUMNS: readonly Column<Conversation>[] = [
  { header: 'Number', cell: ({ conversation_number }) => conversation_number },
  { header: 'Opened', cell: ({ opened_at }) => <Time value={opened_at} exact /> },
  { header: 'Closed', cell: ({ closed_at }) => (closed_at ? <Time value={closed_at} exact /> : 'open') },
  { header: 'In control', cell: ({ owners }) => <Owners owners={owners} /> },
  { header: 'Outcome', cell: ({ outcome }) => <Outcome outcome={outcome} /> },
  { header: 'Rating', cell: ({ rating }) => <Rating rating={rating} /> },
]

/** A user's conversations, the newest first: who had each, how it ended, and how the user found it. */
export function ConversationList({ thread, organisationId }: { thread: ThreadDetails; organisationId: string }) {
  const { user_id, listeners } = thread
  const [limit, setLimit] = useState(FIRST)
  // a desk sees only its own: the platform's listeners see all
  const seesAll = listeners.find(({ kind }) => kind !== 'ect')
  const { data, error, loading, reload } = useAnswer('listConversations', seesAll && { body: { user_id, limit } }, {
    actFor: seesAll && `${organisationId}/${seesAll.id}`,
  })
  useChanges({ organisationId, userId: user_id }, reload)
  const more = data?.next !== undefined
  return (
    <section className="stack" aria-labelledby="conversations">
      <h2 id="conversations">Conversations</h2>
      {!seesAll && <p className="hint">Only desks are enabled here, and each sees its own conversations alone.</p>}
      <Problem error={error} onRetry={reload} />
      {!data && loading && <Loading what="Loading the conversations" />}
      {data?.conversations.length === 0 && <p className="hint">There is none yet, or none is kept any more.</p>}
      {data && data.conversations.length > 0 && (
        <Table
          caption="Conversations, the newest first"
          columns={COLUMNS}
          rows={data.conversations}
          keyOf={({ conversation_number }) => String(conversation_number)}
        />
      )}
      {more && limit < MOST && (
        <Button onClick={() => setLimit(MOST)} busy={loading}>
          Show more conversations
        </Button>
      )}
      {more && limit >= MOST && <p className="hint">There are more: these are the newest {MOST}.</p>}
    </section>
  )
}
