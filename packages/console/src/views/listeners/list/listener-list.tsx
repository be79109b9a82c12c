import type { DeliveryHealth, Listener, ListenerKind, Overview, ReceiverAvailability } from '@tract/contract'
import { useAnswer } from '../../../api/use-answer.js'
import { useRepeated } from '../../../api/use-repeated.js'
import { Button } from '../../../components/button.js'
import { Empty, Loading } from '../../../components/empty.js'
import { Live } from '../../../components/live.js'
import { Name } from '../../../components/name.js'
import { Page } from '../../../components/page.js'
import { Problem } from '../../../components/problem.js'
import { Sparkline } from '../../../components/sparkline.js'
import { type Column, Table } from '../../../components/table.js'
import { minutesOf, successRate } from '../../../overview/minutes.js'
import { Link } from '../../../router/link.js'
import { navigate } from '../../../router/location.js'
import { useQueryState } from '../../../router/query-state.js'
import { routeTo } from '../../../router/route.js'
import { useChanges } from '../../../stream/use-changes.js'
import { duration } from '../../../time/time.js'
import { AvailabilityList } from '../availability/availability-status.js'
import { useAvailability } from '../availability/use-availability.js'
import { HealthStatus } from '../health-status.js'
import { ListenerDialog } from '../settings/listener-dialog.js'
import { KINDS } from '../settings/listener-draft.js'

interface Row {
  listener: Listener
  health: DeliveryHealth | undefined
}

const HOUR_EVERY_MS = 10_000

/** Who hears and speaks in the organisation, and how what they are to hear is going. */
export function ListenerList({ organisationId }: { organisationId: string }) {
  const query = { organisation_id: organisationId, limit: 100 }
  const listeners = useAnswer('listListeners', { query })
  const health = useAnswer('listDeliveryHealth', { query })
  const hour = useAnswer('getOverview', { query: { organisation_id: organisationId } })
  const asker = listeners.data?.listeners.find(({ enabled }) => enabled)
  const availability = useAvailability(organisationId, asker?.listener_id)
  useRepeated(hour.reload, HOUR_EVERY_MS)
  const [creating, setCreating] = useQueryState('new')
  const following = useChanges({ organisationId }, () => {
    listeners.reload()
    health.reload()
  })
  const rows = listeners.data?.listeners.map((listener) => ({
    listener,
    health: health.data?.listeners.find(({ listener_id }) => listener_id === listener.listener_id),
  }))
  return (
    <Page
      title="Listeners"
      actions={
        <>
          <Live following={following} />
          <Button tone="primary" onClick={() => setCreating(lackingKind(listeners.data?.listeners ?? []))}>
            New listener…
          </Button>
        </>
      }
    >
      <div className="stack">
        <Problem error={listeners.error ?? health.error ?? availability.error} onRetry={listeners.reload} />
        {!rows && listeners.loading && <Loading what="Loading listeners" />}
        {rows?.length === 0 && <Empty title="The organisation has no listener yet." />}
        {rows && rows.length > 0 && (
          <Table
            caption="Listeners"
            columns={columnsOf(organisationId, hour.data, availability.partsOf)}
            rows={rows}
            keyOf={({ listener }) => listener.listener_id}
          />
        )}
        {listeners.data?.next !== undefined && (
          <p className="hint">There are more than a hundred: these are the first.</p>
        )}
      </div>
      {isKind(creating) && (
        <ListenerDialog
          organisationId={organisationId}
          of={creating}
          onDone={({ listener_id }) => navigate(routeTo(organisationId, 'listeners', listener_id))}
          onClose={() => setCreating('')}
        />
      )}
    </Page>
  )
}

/** Hooks may be registered without a change of a thread. */
function RowHealth({ listener, health }: Row) {
  const { organisation_id, listener_id, enabled } = listener
  const { data, reload } = useAnswer('listHooks', enabled ? {} : undefined, {
    actFor: `${organisation_id}/${listener_id}`,
  })
  const count = data?.hooks.length
  useRepeated(() => {
    if (count === 0) reload()
  }, HOUR_EVERY_MS)
  return <HealthStatus listener={listener} health={health} hooks={count} />
}

const kinds = Object.keys(KINDS) as ListenerKind[]

/** What a new listener begins as: the first kind that is not there yet, else one more desk. */
const lackingKind = (there: readonly Listener[]): ListenerKind =>
  kinds.find((wanted) => there.every(({ kind }) => kind !== wanted)) ?? 'ect'

const isKind = (name: string): name is ListenerKind => name in KINDS

const columnsOf = (
  organisationId: string,
  hour: Overview | undefined,
  partsOf: (listener: string) => readonly ReceiverAvailability[],
): readonly Column<Row>[] => [
  {
    header: 'Listener',
    cell: ({ listener: { listener_id, name } }) => (
      <>
        <Link href={routeTo(organisationId, 'listeners', listener_id)}>
          <Name>{listener_id}</Name>
        </Link>{' '}
        {name !== listener_id && <span className="hint">{name}</span>}
      </>
    ),
  },
  { header: 'Kind', cell: ({ listener }) => listener.kind },
  {
    header: 'Health',
    cell: (row) => <RowHealth {...row} />,
  },
  {
    header: 'Availability',
    cell: ({ listener: { listener_id } }) => <AvailabilityList listener={listener_id} parts={partsOf(listener_id)} />,
  },
  {
    header: 'Lag',
    about: 'How long the delivery that waits longest has waited; the line is the last hour.',
    cell: ({ listener: { listener_id }, health }) => {
      const lags = hour ? minutesOf(hour, listener_id).map(({ lag_ms }) => lag_ms) : []
      const most = Math.max(0, ...lags)
      return (
        <>
          {health?.lag_ms ? duration(health.lag_ms) : 'none'}
          {most > 0 && (
            <Sparkline label={`Lag of ${listener_id} in the hour, at most ${duration(most)}`} values={lags} />
          )}
        </>
      )
    },
  },
  {
    header: 'Success',
    cell: ({ listener: { listener_id } }) => {
      const own = hour?.listeners.find((each) => each.listener_id === listener_id)
      return (own && successRate(own)) ?? '–'
    },
    numeric: true,
  },
  {
    header: 'On their way',
    about: 'Deliveries that are not acknowledged yet.',
    cell: ({ health }) => health?.pending_deliveries ?? '–',
    numeric: true,
  },
  {
    header: 'Users behind a failure',
    about: 'Users whose first delivery that waits has failed: what comes after it for the same user waits too.',
    cell: ({ health }) => health?.failing_lanes ?? '–',
    numeric: true,
  },
]
