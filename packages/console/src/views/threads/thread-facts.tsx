import type { ThreadDetails } from '@tract/contract'
import { Fact, Facts } from '../../components/facts.js'
import { Time } from '../../time/time.js'
import { ConversationStatus } from './conversation-status.js'

/** What is so at the moment. */
export function ThreadFacts({ thread }: { thread: ThreadDetails }) {
  const { state, owner, conversation_number, epoch, last_activity_at, deadline_at, pending_request } = thread
  return (
    <Facts>
      <Fact name="State">
        <ConversationStatus state={state} />
      </Fact>
      <Fact name="In control">{owner ?? 'nobody'}</Fact>
      <Fact name="Conversation">{conversation_number}</Fact>
      <Fact name="Changes of control">{epoch}</Fact>
      <Fact name="Last activity">
        <Time value={last_activity_at} />
      </Fact>
      {pending_request && (
        <Fact name="Asked for control">
          {pending_request.from}, until <Time value={pending_request.expires_at} exact />
        </Fact>
      )}
      {deadline_at && (
        <Fact name="Next deadline">
          <Time value={deadline_at} />
        </Fact>
      )}
    </Facts>
  )
}
