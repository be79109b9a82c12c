import { SANDBOX_ORGANISATION_ID as organisationId } from '@tract/contract/sandbox'
import { useState } from 'react'
import { CallError } from '../../api/call-error.js'
import { useAnswer } from '../../api/use-answer.js'
import { Button } from '../../components/button.js'
import { Live } from '../../components/live.js'
import { Page } from '../../components/page.js'
import { Problem } from '../../components/problem.js'
import { useChanges } from '../../stream/use-changes.js'
import { Timeline } from '../threads/timeline/timeline.js'
import { useTimeline } from '../threads/timeline/use-timeline.js'
import { ChatWindow } from './chat-window.js'
import { DeskWindow } from './desk-window.js'
import { OwnToolDialog } from './own-tool-dialog.js'

interface ConversationProps {
  userId: string
  onNewUser: () => void
}

const isDesk = ({ kind }: { kind: string }): boolean => kind === 'ect' || kind === 'sac'

export function Conversation({ userId, onNewUser }: ConversationProps) {
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
  const connected = useChanges({ organisationId, userId }, update)
  const desks = (listeners.data?.listeners ?? []).filter((listener) => isDesk(listener) && listener.enabled)
  const owner = desks.find(({ listener_id }) => listener_id === thread.data?.owner)
  const desk = desks.find(({ listener_id }) => listener_id === chosen) ?? owner ?? desks[0]
  return (
    <Page
      title="Sandbox"
      actions={
        <>
          <Live connected={connected} />
          <Button onClick={() => setAdding(true)}>Use my own tool</Button>
          <Button onClick={onNewUser}>New user</Button>
        </>
      }
    >
      <Problem error={listeners.error} onRetry={listeners.reload} />
      <div className="sandbox">
        <ChatWindow userId={userId} entries={timeline.entries} onSent={update} />
        <section className="sandbox-between" aria-label="Between them">
          <h2>Between them</h2>
          {begun || (timeline.error && !isNew) ? (
            <Timeline
              timeline={timeline}
              organisationId={organisationId}
              listeners={['message_delivery', 'iva', ...(desk ? [desk.listener_id] : [])]}
            />
          ) : (
            <p className="hint">Write something as the user, and see here what goes to whom.</p>
          )}
        </section>
        {desk && (
          <DeskWindow
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
      <OwnToolDialog open={adding} onClose={() => setAdding(false)} onAdded={listeners.reload} />
    </Page>
  )
}
