import type { Listener, ThreadAction } from '@tract/contract'
import { useAnswer } from '../../api/use-answer.js'
import { ActionList } from '../threads/control/action-list.js'

interface InItsPlaceProps {
  organisationId: string
  userId: string
  /** Who is in control. */
  assistant: Listener
  /** What may lead from there to the desk. */
  actions: readonly ThreadAction[]
  onDone: () => void
}

/** An assistant without a hook hears nothing, and passes nothing: a person does it as the assistant. */
export function InItsPlace({ organisationId, userId, assistant, actions, onDone }: InItsPlaceProps) {
  const id = assistant.listener_id
  const { data } = useAnswer('listHooks', {}, { actFor: `${organisationId}/${id}` })
  if (data?.hooks.length !== 0) return null
  return (
    <div className="reasons">
      <p>{id} is in control and has no hook, so no program of it passes control. Do it in its place:</p>
      <ActionList
        label={`As ${id}`}
        actions={actions.filter(({ action, listener }) => listener === id && action === 'pass')}
        organisationId={organisationId}
        userId={userId}
        onDone={onDone}
      />
    </div>
  )
}
