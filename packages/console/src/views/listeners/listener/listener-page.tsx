import { useAnswer } from '../../../api/use-answer.js'
import { useRepeated } from '../../../api/use-repeated.js'
import { Empty, Loading } from '../../../components/empty.js'
import { Live } from '../../../components/live.js'
import { Page } from '../../../components/page.js'
import { Problem } from '../../../components/problem.js'
import { Link } from '../../../router/link.js'
import { routeTo } from '../../../router/route.js'
import { useChanges } from '../../../stream/use-changes.js'
import { AvailabilityPanel } from '../availability/availability-panel.js'
import { useAvailability } from '../availability/use-availability.js'
import { DisabledStatus } from '../health-status.js'
import { HookSection } from '../hooks/hook-section.js'
import { ListenerSettings } from '../settings/listener-settings.js'
import { HealthPanel } from './health-panel.js'

const HOUR_EVERY_MS = 10_000

interface ListenerPageProps {
  organisationId: string
  listenerId: string
}

/** One listener: how its deliveries are going, and its hooks. */
export function ListenerPage({ organisationId, listenerId }: ListenerPageProps) {
  const query = { organisation_id: organisationId, limit: 100 }
  const actFor = `${organisationId}/${listenerId}`
  const health = useAnswer('listDeliveryHealth', { query })
  const listeners = useAnswer('listListeners', { query })
  const listener = listeners.data?.listeners.find(({ listener_id }) => listener_id === listenerId)
  // one that is disabled has no access, and nobody acts for it
  const isOn = listener?.enabled === true
  const hooks = useAnswer('listHooks', isOn ? {} : undefined, { actFor })
  const hour = useAnswer('getOverview', { query: { organisation_id: organisationId } })
  const availability = useAvailability(organisationId, isOn ? listenerId : undefined).partsOf(listenerId)
  useRepeated(hour.reload, HOUR_EVERY_MS)
  const following = useChanges({ organisationId }, () => {
    health.reload()
    listeners.reload()
    hooks.reload()
  })
  const own = health.data?.listeners.find(({ listener_id }) => listener_id === listenerId)
  return (
    <Page
      title={listenerId}
      badge={listener && !isOn && <DisabledStatus />}
      actions={
        <>
          <Live following={following} />
          <Link
            className="button button-plain"
            href={`${routeTo(organisationId, 'deliveries')}?${new URLSearchParams({ listener: listenerId })}`}
          >
            Its deliveries
          </Link>
          <Link
            className="button button-plain"
            href={`${routeTo(organisationId, 'clients')}?${new URLSearchParams({ listener: listenerId })}`}
          >
            Clients
          </Link>
          <Link className="button button-plain" href={routeTo(organisationId, 'listeners')}>
            All listeners
          </Link>
        </>
      }
    >
      <div className="stack">
        <Problem
          error={health.error ?? listeners.error}
          onRetry={() => {
            health.reload()
            listeners.reload()
          }}
        />
        {!listeners.data && listeners.loading && <Loading what="Loading the listener" />}
        {listeners.data && !listener && <Empty title="There is no such listener." />}
        {own && (
          <HealthPanel
            listener={listener}
            hooks={hooks.data?.hooks.length}
            health={own}
            hour={hour.data}
            organisationId={organisationId}
          />
        )}
        {availability.length > 0 && <AvailabilityPanel parts={availability} />}
        <Problem error={hooks.error} onRetry={hooks.reload} />
        {isOn && !hooks.data && hooks.loading && <Loading what="Loading hooks" />}
        {listener && !isOn && <p className="hint">Its hooks are seen while it is enabled.</p>}
        {listener && hooks.data && (
          <HookSection listener={listener} hooks={hooks.data.hooks} actFor={actFor} onChanged={hooks.reload} />
        )}
        {listener && <ListenerSettings listener={listener} onChanged={listeners.reload} />}
      </div>
    </Page>
  )
}
