import type { Delivery } from '@tract/contract'
import { useEffect, useState } from 'react'
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
import { useQueryState } from '../../../router/query-state.js'
import { routeTo } from '../../../router/route.js'
import { ExportLinks } from '../../../saved-links/export-links.js'
import { ListLinks } from '../../../saved-links/list-links.js'
import { useChanges } from '../../../stream/use-changes.js'
import { Time } from '../../../time/time.js'
import { BulkDialog } from '../bulk/bulk-dialog.js'
import { DeliveryStatus } from '../delivery-states.js'
import { DeliveryFilters } from './delivery-filters.js'
import { filterOf, useDeliverySearch } from './delivery-search.js'

const PAGE = 50

/** One listener's deliveries, as the listener itself sees them. */
export function DeliveryList({ organisationId }: { organisationId: string }) {
  const search = useDeliverySearch()
  const [after, setAfter] = useQueryState('after')
  const [acting, setActing] = useState(false)
  const listeners = useAnswer('listListeners', { query: { organisation_id: organisationId, limit: 100 } })
  const listenerId = search.listener || listeners.data?.listeners[0]?.listener_id
  const actFor = listenerId === undefined ? undefined : `${organisationId}/${listenerId}`
  const hooks = useAnswer('listHooks', actFor === undefined ? undefined : {}, { actFor })
  const filter = filterOf(search)
  const { state: _, ...others } = filter
  const { data, error, loading, reload } = useAnswer(
    'listDeliveries',
    actFor === undefined ? undefined : { body: { ...filter, limit: PAGE, ...(after && { after }) } },
    { actFor },
  )
  const following = useChanges({ organisationId }, reload)
  const deliveries = data?.deliveries ?? []
  const { set } = search
  // a link has to mean the same later, when another listener may be the first
  useEffect(() => {
    if (search.listener === '' && listenerId !== undefined) set.listener(listenerId)
  }, [search.listener, listenerId, set])
  return (
    <Page
      title="Deliveries"
      actions={
        <>
          <Live following={following} />
          {actFor !== undefined && <Button onClick={() => setActing(true)}>Replay, retry, skip…</Button>}
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
        {listenerId !== undefined && (
          <ListLinks>
            <ExportLinks
              path={calls.exportDeliveries[1]}
              query={{ organisation_id: organisationId, listener_id: listenerId, ...filter }}
            />
          </ListLinks>
        )}
        <Problem
          error={listeners.error ?? error}
          onRetry={() => {
            listeners.reload()
            reload()
          }}
        />
        {listeners.data?.listeners.length === 0 && (
          <Empty title="The organisation has no listener yet.">
            <p>
              <Link href={routeTo(organisationId, 'start')}>First steps</Link> lead to the first message.
            </p>
          </Empty>
        )}
        {!data && (loading || listeners.loading) && <Loading what="Loading deliveries" />}
        {data && deliveries.length === 0 && <Empty title="No delivery matches the filters." />}
        {listenerId !== undefined && deliveries.length > 0 && (
          <Table
            caption={`Deliveries to ${listenerId}, the newest first`}
            columns={columnsOf(organisationId, listenerId)}
            rows={deliveries}
            keyOf={({ id }) => id}
          />
        )}
        {(after !== '' || data?.next !== undefined) && (
          <div className="row">
            {after !== '' && <Button onClick={() => setAfter('')}>First page</Button>}
            {data?.next !== undefined && <Button onClick={() => setAfter(data.next ?? '')}>Next page</Button>}
          </div>
        )}
      </div>
      {acting && actFor !== undefined && (
        <BulkDialog
          filter={others}
          state={search.state}
          actFor={actFor}
          onClose={() => setActing(false)}
          onDone={reload}
        />
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
          <Name>{name}</Name>
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
