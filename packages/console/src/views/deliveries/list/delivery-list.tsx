import type { Delivery } from '@tract/contract'
import { useState } from 'react'
import { useAnswer } from '../../../api/use-answer.js'
import { Button } from '../../../components/button.js'
import { Empty, Loading } from '../../../components/empty.js'
import { Live } from '../../../components/live.js'
import { Page } from '../../../components/page.js'
import { Problem } from '../../../components/problem.js'
import { type Column, Table } from '../../../components/table.js'
import { Time } from '../../../components/time.js'
import { Link } from '../../../router/link.js'
import { routeTo } from '../../../router/route.js'
import { useChanges } from '../../../stream/use-changes.js'
import { DeliveryStatus } from '../delivery-states.js'
import { ReplayDialog } from '../replay/replay-dialog.js'
import { DeliveryFilters } from './delivery-filters.js'
import { filterOf, useDeliverySearch } from './delivery-search.js'

const STEP = 50
const MOST = 200

/** One listener's deliveries, as the listener itself sees them. */
export function DeliveryList({ organisationId }: { organisationId: string }) {
  const search = useDeliverySearch()
  const [limit, setLimit] = useState(STEP)
  const [replaying, setReplaying] = useState(false)
  const listeners = useAnswer('listListeners', { query: { organisation_id: organisationId, limit: 100 } })
  const listenerId = search.listener || listeners.data?.listeners[0]?.listener_id
  const actFor = listenerId === undefined ? undefined : `${organisationId}/${listenerId}`
  const hooks = useAnswer('listHooks', actFor === undefined ? undefined : {}, { actFor })
  const filter = filterOf(search)
  const { data, error, loading, reload } = useAnswer(
    'listDeliveries',
    actFor === undefined ? undefined : { body: { ...filter, limit } },
    { actFor },
  )
  const connected = useChanges({ organisationId }, reload)
  const deliveries = data?.deliveries ?? []
  return (
    <Page
      title="Deliveries"
      actions={
        <>
          <Live connected={connected} />
          {actFor !== undefined && <Button onClick={() => setReplaying(true)}>Replay…</Button>}
        </>
      }
    >
      <div className="stack">
        {listenerId !== undefined && (
          <DeliveryFilters
            search={search}
            listenerId={listenerId}
            listeners={listeners.data?.listeners ?? []}
            hooks={hooks.data?.hooks ?? []}
          />
        )}
        <Problem error={listeners.error ?? error} onRetry={reload} />
        {listeners.data?.listeners.length === 0 && <Empty title="The organisation has no listener yet." />}
        {!data && loading && <Loading what="Loading deliveries" />}
        {data && deliveries.length === 0 && <Empty title="No delivery matches the filters." />}
        {listenerId !== undefined && deliveries.length > 0 && (
          <Table
            caption={`Deliveries to ${listenerId}, the newest first`}
            columns={columnsOf(organisationId, listenerId)}
            rows={deliveries}
            keyOf={({ id }) => id}
          />
        )}
        {data?.next !== undefined && limit < MOST && (
          <Button onClick={() => setLimit(limit + STEP)} busy={loading}>
            Show more
          </Button>
        )}
        {data?.next !== undefined && limit >= MOST && <p className="hint">There are more: filter to find them.</p>}
      </div>
      {replaying && actFor !== undefined && (
        <ReplayDialog request={{ filter }} actFor={actFor} onClose={() => setReplaying(false)} onReplayed={reload} />
      )}
    </Page>
  )
}

const columnsOf = (organisationId: string, listenerId: string): readonly Column<Delivery>[] => [
  {
    header: 'Delivery',
    cell: ({ id, sequence, user_id, category, subcategory }) => {
      const name = `${category}/${subcategory}`
      return (
        <Link
          href={routeTo(organisationId, 'deliveries', listenerId, id)}
          aria-label={`${name}, number ${sequence} for ${user_id}`}
        >
          {name}
        </Link>
      )
    },
  },
  {
    header: 'User',
    cell: ({ user_id }) => <Link href={routeTo(organisationId, 'threads', user_id)}>{user_id}</Link>,
  },
  { header: 'In its lane', cell: ({ sequence }) => sequence, numeric: true },
  { header: 'State', cell: ({ state }) => <DeliveryStatus state={state} /> },
  { header: 'Attempts', cell: ({ attempts }) => attempts, numeric: true },
  { header: 'Created', cell: ({ created_at }) => <Time value={created_at} /> },
  { header: 'Ended', cell: ({ ended_at }) => (ended_at ? <Time value={ended_at} /> : '–') },
]
