import type { ConversationState, ThreadSummary } from '@tract/contract'
import { useState } from 'react'
import { useAnswer } from '../../../api/use-answer.js'
import { Button } from '../../../components/button.js'
import { Empty, Loading } from '../../../components/empty.js'
import { Live } from '../../../components/live.js'
import { Page } from '../../../components/page.js'
import { Problem } from '../../../components/problem.js'
import { type Column, Table } from '../../../components/table.js'
import { duration, Time } from '../../../components/time.js'
import { Link } from '../../../router/link.js'
import { useQueryState } from '../../../router/query-state.js'
import { routeTo } from '../../../router/route.js'
import { useChanges } from '../../../stream/use-changes.js'
import { ConversationStatus } from '../conversation-status.js'
import { ThreadFilters } from './thread-filters.js'

const STEP = 50
const MOST = 200

/** Who writes with whom at the moment. It follows what happens. */
export function ThreadList({ organisationId }: { organisationId: string }) {
  const [userPrefix] = useQueryState('user')
  const [state] = useQueryState('state')
  const [controller] = useQueryState('controller')
  const [limit, setLimit] = useState(STEP)
  const { data, error, loading, reload } = useAnswer('listThreads', {
    query: {
      organisation_id: organisationId,
      limit,
      ...(userPrefix && { user_id_prefix: userPrefix }),
      ...(state && { state: state as ConversationState }),
      ...(controller && { controller }),
    },
  })
  const connected = useChanges({ organisationId }, reload)
  const filtered = [userPrefix, state, controller].some(Boolean)
  return (
    <Page title="Threads" actions={<Live connected={connected} />}>
      <div className="stack">
        <ThreadFilters organisationId={organisationId} />
        <Problem error={error} onRetry={reload} />
        {!data && loading && <Loading what="Loading threads" />}
        {data?.threads.length === 0 && (
          <Empty title={filtered ? 'No thread is like that.' : 'No user has written yet.'} />
        )}
        {data && data.threads.length > 0 && (
          <Table
            caption="Threads, the last active first"
            columns={columnsOf(organisationId)}
            rows={data.threads}
            keyOf={({ user_id }) => user_id}
          />
        )}
        {data?.next !== undefined && limit < MOST && (
          <Button onClick={() => setLimit(limit + STEP)} busy={loading}>
            Show more
          </Button>
        )}
        {data?.next !== undefined && limit >= MOST && <p className="hint">There are more: filter to find them.</p>}
      </div>
    </Page>
  )
}

const columnsOf = (organisationId: string): readonly Column<ThreadSummary>[] => [
  {
    header: 'User',
    cell: ({ user_id }) => <Link href={routeTo(organisationId, 'threads', user_id)}>{user_id}</Link>,
  },
  { header: 'State', cell: ({ state }) => <ConversationStatus state={state} /> },
  { header: 'In control', cell: ({ owner }) => owner ?? 'nobody' },
  { header: 'Conversation', cell: ({ conversation_number }) => conversation_number, numeric: true },
  { header: 'Last activity', cell: ({ last_activity_at }) => <Time value={last_activity_at} /> },
  { header: 'On their way', cell: ({ pending_deliveries }) => pending_deliveries, numeric: true },
  { header: 'Lag', cell: ({ lag_ms }) => (lag_ms ? duration(lag_ms) : '–'), numeric: true },
]
