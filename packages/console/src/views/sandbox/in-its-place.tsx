import type { Listener, ThreadAction } from '@tract/contract'
import { useAnswer } from '../../api/use-answer.js'
import { ActionList } from '../threads/control/action-list.js'
import { actionKey, mayBegin } from '../threads/control/perform-action.js'

interface InItsPlaceProps {
  organisationId: string
  userId: string
  /** Who is in control. */
  assistant: Listener
  /** To the desk. */
  passes: readonly ThreadAction[]
  onDone: () => void
}

/** An assistant without a hook hears nothing, and passes nothing: a person does it as the assistant. */
export function InItsPlace({ organisationId, userId, assistant, passes, onDone }: InItsPlaceProps) {
  const id = assistant.listener_id
  const { data } = useAnswer('listHooks', {}, { actFor: `${organisationId}/${id}` })
  if (data?.hooks.length !== 0) return null
  const own = passes.filter(({ listener }) => listener === id)
  return (
    <div className="reasons">
      <p>{id} is in control and has no hook, so no program of it passes control. Do it in its place:</p>
      <ActionList
        label={`As ${id}`}
        actions={own.filter(mayBegin)}
        organisationId={organisationId}
        userId={userId}
        onDone={onDone}
      />
      {own
        .filter((pass) => !mayBegin(pass))
        .map((pass) => (
          <p key={actionKey(pass)}>It cannot now. {pass.reason?.message}</p>
        ))}
    </div>
  )
}
