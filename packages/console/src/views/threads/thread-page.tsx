import { useAnswer } from '../../api/use-answer.js'
import { Live } from '../../components/live.js'
import { Page } from '../../components/page.js'
import { Problem } from '../../components/problem.js'
import { Link } from '../../router/link.js'
import { routeTo } from '../../router/route.js'
import { useChanges } from '../../stream/use-changes.js'
import { ContextPanel } from './context/context-panel.js'
import { ControlPanel } from './control/control-panel.js'
import { OfferPanel } from './control/offer-panel.js'
import { ConversationList } from './conversations/conversation-list.js'
import { ThreadFacts } from './thread-facts.js'
import { Timeline } from './timeline/timeline.js'
import { useTimeline } from './timeline/use-timeline.js'
import { UserActions } from './user/user-actions.js'

interface ThreadPageProps {
  organisationId: string
  userId: string
}

/** One user's thread: who is in control, what may be done about it, and all that happened. */
export function ThreadPage({ organisationId, userId }: ThreadPageProps) {
  const thread = useAnswer('getThread', { query: { organisation_id: organisationId, user_id: userId } })
  const timeline = useTimeline(organisationId, userId)
  const following = useChanges({ organisationId, userId }, () => {
    thread.reload()
    timeline.refresh()
  })
  const { data, error, reload } = thread
  return (
    <Page
      title={userId}
      actions={
        <>
          <Live following={following} />
          <Link className="button button-plain" href={routeTo(organisationId, 'threads')}>
            All threads
          </Link>
        </>
      }
    >
      <div className="stack">
        <Problem error={error} onRetry={reload} />
        {data && <ThreadFacts thread={data} />}
        {data?.offer && <OfferPanel key={data.offer.offer_number} offer={data.offer} />}
        {data?.context && data.owner !== null && (
          <ContextPanel title={`What ${data.owner} was told`} context={data.context} />
        )}
        {data?.pending_request?.context && (
          <ContextPanel title={`What ${data.pending_request.from} asks with`} context={data.pending_request.context} />
        )}
        {data && (
          <ControlPanel
            thread={data}
            organisationId={organisationId}
            onDone={() => {
              reload()
              timeline.refresh()
            }}
          />
        )}
        {!(error && timeline.entries.length === 0) && (
          <section aria-label="Timeline">
            <Timeline
              timeline={timeline}
              organisationId={organisationId}
              listeners={data?.listeners.map(({ id }) => id) ?? []}
            />
          </section>
        )}
        {data && <ConversationList thread={data} organisationId={organisationId} />}
        {data && <UserActions thread={data} organisationId={organisationId} />}
      </div>
    </Page>
  )
}
