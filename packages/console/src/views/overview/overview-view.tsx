import type { ListenerOverview, Overview } from '@tract/contract'
import { useAnswer } from '../../api/use-answer.js'
import { useRepeated } from '../../api/use-repeated.js'
import type { ViewProps } from '../../app/view-props.js'
import { Empty, Loading } from '../../components/empty.js'
import { Name } from '../../components/name.js'
import { Page } from '../../components/page.js'
import { Problem } from '../../components/problem.js'
import { Sparkline } from '../../components/sparkline.js'
import { type Column, Table } from '../../components/table.js'
import { minutesOf, successRate } from '../../overview/minutes.js'
import { Link } from '../../router/link.js'
import { routeTo } from '../../router/route.js'
import { duration } from '../../time/time.js'
import { MinuteChart } from './charts/minute-chart.js'
import { MinuteTable } from './charts/minute-table.js'
import { Figures } from './figures.js'
import './overview.css'

const EVERY_MS = 5_000

/** How an organisation's deliveries went in the last hour, and what waits now. */
export default function OverviewView({ organisationId }: ViewProps) {
  const { data, error, loading, reload } = useAnswer('getOverview', { query: { organisation_id: organisationId } })
  useRepeated(reload, EVERY_MS)
  return (
    <Page title="Overview">
      <div className="stack">
        <Problem error={error} onRetry={reload} />
        {!data && loading && <Loading what="Loading the last hour" />}
        {data && <Hour overview={data} organisationId={organisationId} />}
      </div>
    </Page>
  )
}

function Hour({ overview, organisationId }: { overview: Overview; organisationId: string }) {
  const minutes = minutesOf(overview)
  return (
    <>
      <Figures overview={overview} organisationId={organisationId} />
      {overview.sampled && (
        <p className="hint">There is much: apart from what waits, these are estimates from a sample of users.</p>
      )}
      <section className="card stack" aria-labelledby="per-minute">
        <h2 id="per-minute">Deliveries a minute, in the last hour</h2>
        <MinuteChart minutes={minutes} />
        <MinuteTable minutes={minutes} />
      </section>
      <section className="stack" aria-labelledby="by-listener">
        <h2 id="by-listener">By listener</h2>
        {overview.listeners.length === 0 ? (
          <Empty title="No listener had anything to hear in the last hour." />
        ) : (
          <Table
            caption="The last hour, by listener"
            columns={columnsOf(overview, organisationId)}
            rows={overview.listeners}
            keyOf={({ listener_id }) => listener_id}
          />
        )}
      </section>
    </>
  )
}

const columnsOf = (overview: Overview, organisationId: string): readonly Column<ListenerOverview>[] => [
  {
    header: 'Listener',
    cell: ({ listener_id }) => (
      <Link href={routeTo(organisationId, 'listeners', listener_id)}>
        <Name>{listener_id}</Name>
      </Link>
    ),
  },
  { header: 'Accepted', cell: ({ accepted }) => accepted, numeric: true },
  { header: 'Delivered', cell: ({ delivered }) => delivered, numeric: true },
  { header: 'Failed attempts', cell: ({ failed }) => failed, numeric: true },
  { header: 'Success', cell: (listener) => successRate(listener) ?? '–', numeric: true },
  {
    header: 'Lag',
    cell: ({ listener_id }) => {
      const lags = minutesOf(overview, listener_id).map(({ lag_ms }) => lag_ms)
      return <Sparkline label={`Lag of ${listener_id}, at most ${duration(Math.max(...lags))}`} values={lags} />
    },
  },
]
