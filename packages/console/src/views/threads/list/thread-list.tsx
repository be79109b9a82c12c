import type { ConversationState, ThreadSummary } from '@tract/contract'
import { SANDBOX_ORGANISATION_ID } from '@tract/contract/sandbox'
import { useAnswer } from '../../../api/use-answer.js'
import { Button } from '../../../components/button.js'
import { Empty, Loading } from '../../../components/empty.js'
import { Live } from '../../../components/live.js'
import { Page } from '../../../components/page.js'
import { Problem } from '../../../components/problem.js'
import { type Column, Table } from '../../../components/table.js'
import { Link } from '../../../router/link.js'
import { useQueryState } from '../../../router/query-state.js'
import { routeTo } from '../../../router/route.js'
import { ListLinks } from '../../../saved-links/list-links.js'
import { useChanges } from '../../../stream/use-changes.js'
import { duration, Time } from '../../../time/time.js'
import { ConversationStatus } from '../conversation-status.js'
import { ThreadFilters } from './thread-filters.js'

const PAGE = 100
/** A whole organisation is busier than one thread, and a list is read more slowly. */
const GATHER_MS = 500

/** Who writes with whom at the moment. It follows what happens. */
export function ThreadList({ organisationId }: { organisationId: string }) {
  const [userPrefix] = useQueryState('user')
  const [state] = useQueryState('state')
  const [controller] = useQueryState('controller')
  const [after, setAfter] = useQueryState('after')
  const { data, error, loading, reload } = useAnswer('listThreads', {
    query: {
      organisation_id: organisationId,
      limit: PAGE,
      ...(userPrefix && { user_id_prefix: userPrefix }),
      ...(state && { state: state as ConversationState }),
      ...(controller && { controller }),
      ...(after && { after }),
    },
  })
  const connected = useChanges({ organisationId }, reload, GATHER_MS)
  const isFiltered = [userPrefix, state, controller, after].some(Boolean)
  const isWhole = data?.next === undefined && after === ''
  return (
    <Page title="Threads" actions={<Live connected={connected} />}>
      <div className="stack">
        <ThreadFilters organisationId={organisationId} />
        <ListLinks />
        <Problem error={error} onRetry={reload} />
        {organisationId === SANDBOX_ORGANISATION_ID && <ExampleUsers />}
        {!data && loading && <Loading what="Loading threads" />}
        {data?.threads.length === 0 && (
          <Empty title={isFiltered ? 'No thread matches the filters.' : 'No user has written yet.'}>
            {!isFiltered && (
              <p>
                <Link href={routeTo(organisationId, 'start')}>First steps</Link> lead to the first message.
              </p>
            )}
          </Empty>
        )}
        {data && data.threads.length > 0 && (
          <Table
            caption={isWhole ? 'Threads, the last active first' : 'Threads, by user id'}
            columns={columnsOf(organisationId)}
            rows={isWhole ? byActivity(data.threads) : data.threads}
            keyOf={({ user_id }) => user_id}
          />
        )}
        {!isWhole && (
          <div className="row">
            {after !== '' && <Button onClick={() => setAfter('')}>First page</Button>}
            {data?.next !== undefined && <Button onClick={() => setAfter(data.next ?? '')}>Next page</Button>}
            <p className="hint">By user id: there are more than fit a page.</p>
          </div>
        )}
      </div>
    </Page>
  )
}

function ExampleUsers() {
  return (
    <p className="hint">
      The users with a number, such as 8812, are those of the examples in the API’s documents, each in the state that an
      example needs: deliveries to two of them wait, so that one can be retried and one skipped. Users of the sandbox’s
      chat begin with sandbox-.
    </p>
  )
}

const byActivity = (threads: readonly ThreadSummary[]): ThreadSummary[] =>
  threads.toSorted((a, b) => b.last_activity_at.localeCompare(a.last_activity_at))

const columnsOf = (organisationId: string): readonly Column<ThreadSummary>[] => [
  {
    header: 'User',
    cell: ({ user_id, user_name }) => (
      <>
        <Link href={routeTo(organisationId, 'threads', user_id)}>{user_id}</Link>{' '}
        {user_name && <span className="hint">{user_name}</span>}
      </>
    ),
  },
  { header: 'State', cell: ({ state }) => <ConversationStatus state={state} /> },
  { header: 'In control', cell: ({ owner }) => owner ?? 'nobody' },
  { header: 'Conversation', cell: ({ conversation_number }) => conversation_number, numeric: true },
  { header: 'Last activity', cell: ({ last_activity_at }) => <Time value={last_activity_at} /> },
  { header: 'On their way', cell: ({ pending_deliveries }) => pending_deliveries, numeric: true },
  { header: 'Lag', cell: ({ lag_ms }) => (lag_ms ? duration(lag_ms) : '–'), numeric: true },
]
