import { SANDBOX_ORGANISATION_ID } from '@tract/contract/sandbox'
import { useState } from 'react'
import { CallError } from '../../api/call-error.js'
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
  const timeline = useTimeline(organisationId, userId)
  const begun = timeline.entries.length > 0
  // a user without a message does not exist yet
  const isNew = timeline.error instanceof CallError && timeline.error.code === 'user_not_found'
  const thread = useAnswer(
    'getThread',
    begun ? { query: { organisation_id: organisationId, user_id: userId } } : undefined,
  )
  const update = () => {
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
          {isSandbox && <Button onClick={() => setAdding(true)}>Use my own tool</Button>}
          <Button onClick={onNewUser}>New user</Button>
        </>
      }
    >
      <Problem error={listeners.error} onRetry={listeners.reload} />
      {!listeners.data && listeners.loading && <Loading />}
      {!isSandbox && <OwnOrganisation />}
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
            {begun || (timeline.error && !isNew) ? (
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
            />
          )}
        </div>
      )}
      <OwnToolDialog open={adding} onClose={() => setAdding(false)} onAdded={listeners.reload} />
    </Page>
  )
}

function OwnOrganisation() {
  return (
    <p className="hint sandbox-own">
      This is an organisation of your own: what is written here goes to its hooks, for a user that is made for it. In{' '}
      <Link href={routeTo(SANDBOX_ORGANISATION_ID, 'sandbox')}>the sandbox organisation</Link> an assistant and a desk
      answer by themselves.
    </p>
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
