import { SANDBOX_ORGANISATION_ID } from '@tract/contract/sandbox'
import { useState } from 'react'
import { useAnswer } from '../../api/use-answer.js'
import { Button } from '../../components/button.js'
import { Empty, Loading } from '../../components/empty.js'
import { Live } from '../../components/live.js'
import { Page } from '../../components/page.js'
import { Problem } from '../../components/problem.js'
import { Link } from '../../router/link.js'
import { routeTo } from '../../router/route.js'
import { useChanges } from '../../stream/use-changes.js'
import { Timeline } from '../threads/timeline/timeline.js'
import { useTimeline } from '../threads/timeline/use-timeline.js'
import { ChatWindow } from './chat-window.js'
import { DeskWindow } from './desk-window.js'
import { OwnToolDialog } from './own-tool-dialog.js'
import { ReasonList } from './reasons/reason-list.js'
import { WhoseOrganisation } from './whose-organisation.js'

interface ConversationProps {
  organisationId: string
  userId: string
  onNewUser: () => void
}

const isDesk = ({ kind }: { kind: string }): boolean => kind === 'ect' || kind === 'sac'

/** A conversation from all sides, of a user that is made for it. */
export function Conversation({ organisationId, userId, onNewUser }: ConversationProps) {
  const [chosen, setChosen] = useState<string>()
  const [adding, setAdding] = useState(false)
  const listeners = useAnswer('listListeners', { query: { organisation_id: organisationId, limit: 100 } })
  // a user without a message does not exist yet, and is not asked for
  const found = useAnswer('listThreads', {
    query: { organisation_id: organisationId, user_id_prefix: userId, order: 'user_id', limit: 1 },
  })
  const isKnown = found.data?.threads.some(({ user_id }) => user_id === userId) ?? false
  const timeline = useTimeline(organisationId, userId, isKnown)
  const begun = timeline.entries.length > 0
  const thread = useAnswer(
    'getThread',
    begun ? { query: { organisation_id: organisationId, user_id: userId } } : undefined,
  )
  const update = () => {
    if (!isKnown) return found.reload()
    timeline.refresh()
    thread.reload()
  }
  const following = useChanges({ organisationId, userId }, update)
  const desks = (listeners.data?.listeners ?? []).filter((listener) => isDesk(listener) && listener.enabled)
  const owner = desks.find(({ listener_id }) => listener_id === thread.data?.owner)
  const desk = desks.find(({ listener_id }) => listener_id === chosen) ?? owner ?? desks[0]
  const enabled = listeners.data?.listeners.filter((listener) => listener.enabled) ?? []
  const [delivery, assistant] = ['md', 'iva'].map((wanted) => enabled.find(({ kind }) => kind === wanted))
  const isSandbox = organisationId === SANDBOX_ORGANISATION_ID
  return (
    <Page
      title="Sandbox"
      actions={
        <>
          <Live following={following} />
          {begun && (
            <Link className="button button-plain" href={routeTo(organisationId, 'threads', userId)}>
              Open its thread
            </Link>
          )}
          {isSandbox && <Button onClick={() => setAdding(true)}>Use my own tool</Button>}
          <Button onClick={onNewUser}>New user</Button>
        </>
      }
    >
      <Problem error={listeners.error} onRetry={listeners.reload} />
      {!listeners.data && listeners.loading && <Loading />}
      <WhoseOrganisation isSandbox={isSandbox} />
      {listeners.data && delivery === undefined && (
        <NoDelivery
          organisationId={organisationId}
          disabled={listeners.data.listeners.find(({ kind }) => kind === 'md')?.listener_id}
        />
      )}
      {delivery !== undefined && (
        <div className="sandbox">
          <ChatWindow
            organisationId={organisationId}
            delivery={delivery}
            userId={userId}
            entries={timeline.entries}
            onSent={update}
          />
          <section className="sandbox-between" aria-label="Between them">
            <h2>Between them</h2>
            {assistant && (
              <ReasonList organisationId={organisationId} listener={assistant} entries={timeline.entries} />
            )}
            {assistant === undefined && desk === undefined && <NoAnswer organisationId={organisationId} />}
            <Problem error={found.error} onRetry={found.reload} />
            {begun || timeline.error ? (
              <Timeline
                oldestFirst
                stacked
                timeline={timeline}
                organisationId={organisationId}
                listeners={[delivery, assistant, desk].flatMap((listener) => listener?.listener_id ?? [])}
              />
            ) : (
              <p className="hint">Write something as the user, and see here what goes to whom.</p>
            )}
          </section>
          {desk && (
            <DeskWindow
              organisationId={organisationId}
              userId={userId}
              desks={desks}
              desk={desk}
              onChoose={setChosen}
              entries={timeline.entries}
              thread={begun ? thread.data : undefined}
              onDone={update}
              assistant={assistant}
            />
          )}
        </div>
      )}
      <OwnToolDialog open={adding} onClose={() => setAdding(false)} onAdded={listeners.reload} />
    </Page>
  )
}

interface NoDeliveryProps {
  organisationId: string
  /** One that is there, and hears and brings nothing. */
  disabled: string | undefined
}

function NoDelivery({ organisationId, disabled }: NoDeliveryProps) {
  if (disabled !== undefined) {
    return (
      <Empty title="The listener that brings what a user writes is disabled.">
        <p>
          <Link href={routeTo(organisationId, 'listeners', disabled)}>Enable {disabled}</Link>, message delivery.
        </p>
      </Empty>
    )
  }
  return (
    <Empty title="There is no listener that brings what a user writes.">
      <p>
        <Link href={`${routeTo(organisationId, 'listeners')}?new=md`}>Create message delivery</Link>, a listener of the
        kind md.
      </p>
    </Empty>
  )
}

function NoAnswer({ organisationId }: { organisationId: string }) {
  return (
    <p className="reasons">
      There is no assistant and no desk that is enabled, so that no one answers.{' '}
      <Link href={`${routeTo(organisationId, 'listeners')}?new=ect`}>Create a desk</Link>
    </p>
  )
}
