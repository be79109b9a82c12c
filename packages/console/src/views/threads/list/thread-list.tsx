import type { ThreadSummary } from '@tract/contract'
import { SANDBOX_ORGANISATION_ID } from '@tract/contract/sandbox'
import { useAnswer } from '../../../api/use-answer.js'
import { Button } from '../../../components/button.js'
import { Empty, Loading } from '../../../components/empty.js'
import { Live } from '../../../components/live.js'
import { Name } from '../../../components/name.js'
import { Page } from '../../../components/page.js'
import { Problem } from '../../../components/problem.js'
import { type Column, Table } from '../../../components/table.js'
import { calls } from '../../../generated/calls.js'
import { Link } from '../../../router/link.js'
import { useSaid } from '../../../router/location.js'
import { useQueryState } from '../../../router/query-state.js'
import { routeTo } from '../../../router/route.js'
import { ExportLinks } from '../../../saved-links/export-links.js'
import { ListLinks } from '../../../saved-links/list-links.js'
import { useChanges } from '../../../stream/use-changes.js'
import { duration, Time } from '../../../time/time.js'
import { ConversationStatus } from '../conversation-status.js'
import { ThreadFilters } from './thread-filters.js'
import { isFiltered, queryOf, useThreadSearch } from './thread-search.js'

const PAGE = 100

/** Characters of a message that was found: enough to know it again. */
const MOST_SHOWN = 160
/** A whole organisation is busier than one thread, and a list is read more slowly. */
const GATHER_MS = 500

/** Who writes with whom at the moment. It follows what happens. */
export function ThreadList({ organisationId }: { organisationId: string }) {
  const search = useThreadSearch()
  const [after, setAfter] = useQueryState('after')
  const { data, error, loading, reload } = useAnswer('listThreads', {
    query: { organisation_id: organisationId, limit: PAGE, ...queryOf(search), ...(after && { after }) },
  })
  const following = useChanges({ organisationId }, reload, GATHER_MS)
  const said = useSaid()
  const isNarrowed = isFiltered(search) || after !== ''
  return (
    <Page title="Threads" actions={<Live following={following} />}>
      <div className="stack">
        {said !== '' && <p role="status">{said}</p>}
        <ThreadFilters organisationId={organisationId} search={search} />
        <ListLinks>
          <ExportLinks path={calls.exportThreads[1]} query={{ organisation_id: organisationId, ...queryOf(search) }} />
        </ListLinks>
        <Problem error={error} onRetry={reload} />
        {organisationId === SANDBOX_ORGANISATION_ID && <ExampleUsers />}
        {!data && loading && <Loading what="Loading threads" />}
        {data?.threads.length === 0 && data.next === undefined && (
          <Empty title={isNarrowed ? 'No thread matches the filters.' : 'There is no thread.'}>
            {!isNarrowed && (
              <p>
                <Link href={routeTo(organisationId, 'start')}>First steps</Link> lead to the first message.
              </p>
            )}
          </Empty>
        )}
        {data && data.threads.length > 0 && (
          <Table
            caption="Threads, the last active first"
            columns={columnsOf(organisationId)}
            rows={data.threads}
            keyOf={({ user_id }) => user_id}
          />
        )}
        <Pages next={data?.next} isFirst={after === ''} found={data?.threads.length} onTurn={setAfter} />
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

interface PagesProps {
  next: string | undefined
  isFirst: boolean
  /** How many the page has; undefined while that is not known. */
  found: number | undefined
  onTurn: (after: string) => void
}

function Pages({ next, isFirst, found, onTurn }: PagesProps) {
  if (next === undefined && isFirst) return null
  return (
    <div className="row">
      {!isFirst && <Button onClick={() => onTurn('')}>First page</Button>}
      {next !== undefined && <Button onClick={() => onTurn(next)}>Next page</Button>}
      {next !== undefined && found !== undefined && found < PAGE && (
        <p className="hint">A page looks through a limited number of threads: there may be more on the next one.</p>
      )}
    </div>
  )
}

/** The newest message with the words that were looked for. */
function Found({ found: { text, timestamp } }: { found: NonNullable<ThreadSummary['found']> }) {
  return (
    <p className="found hint">
      <q>{text.length > MOST_SHOWN ? `${text.slice(0, MOST_SHOWN)}…` : text}</q> <Time value={timestamp} still />
    </p>
  )
}

const columnsOf = (organisationId: string): readonly Column<ThreadSummary>[] => [
  {
    header: 'User',
    cell: ({ user_id, user_name, found }) => (
      <>
        <Link href={routeTo(organisationId, 'threads', user_id)}>{user_id}</Link>{' '}
        {user_name && <span className="hint">{user_name}</span>}
        {found && <Found found={found} />}
      </>
    ),
  },
  { header: 'State', cell: ({ state }) => <ConversationStatus state={state} /> },
  { header: 'In control', cell: ({ owner }) => (owner === null ? 'nobody' : <Name>{owner}</Name>) },
  { header: 'Conversation', cell: ({ conversation_number }) => conversation_number, numeric: true },
  { header: 'Last activity', cell: ({ last_activity_at }) => <Time value={last_activity_at} /> },
  { header: 'On their way', cell: ({ pending_deliveries }) => pending_deliveries, numeric: true },
  { header: 'Lag', cell: ({ lag_ms }) => (lag_ms ? duration(lag_ms) : '–'), numeric: true },
]
