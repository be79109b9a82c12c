import type { Refusal, ThreadAction } from '@tract/contract'
import { type FormEvent, useState } from 'react'
import { useAction } from '../../../api/use-action.js'
import { Button } from '../../../components/button.js'
import { Dialog } from '../../../components/dialog.js'
import { Problem } from '../../../components/problem.js'
import { Time } from '../../../time/time.js'
import { type ContextDraft, contextOf, EMPTY_DRAFT } from '../context/context-draft.js'
import { ContextFields } from '../context/context-fields.js'
import { type Along, actionLabel, perform } from './perform-action.js'

const SUBMIT: Partial<Readonly<Record<ThreadAction['action'], string>>> = {
  pass: 'Pass',
  offer: 'Offer',
  request: 'Ask',
}

interface PassDialogProps {
  action: ThreadAction
  organisationId: string
  userId: string
  onClose: () => void
  onDone: (said: string) => void
}

/** Hands a thread over with what is known of the case. A refusal keeps it open, with what was entered. */
export function PassDialog({ action, organisationId, userId, onClose, onDone }: PassDialogProps) {
  const [draft, setDraft] = useState<ContextDraft>(EMPTY_DRAFT)
  const [refusal, setRefusal] = useState<Refusal>()
  const { run, busy, error } = useAction(async (along: Along) => {
    setRefusal(undefined)
    const context = contextOf(draft)
    const outcome = await perform(action, organisationId, userId, { ...(context && { context }), ...along })
    if (outcome.refusal) return setRefusal(outcome.refusal)
    onDone(outcome.said)
    onClose()
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    void run({})
  }
  return (
    <Dialog open onClose={onClose} title={actionLabel(action)}>
      <form className="stack" onSubmit={submit}>
        <ContextFields draft={draft} onChange={setDraft} />
        <Problem error={error} />
        {refusal && <Refused refusal={refusal} />}
        <div className="row">
          <Button type="submit" tone="primary" busy={busy}>
            {SUBMIT[action.action]}
          </Button>
          {refusal?.code === 'receiver_closed' && (
            <Button onClick={() => run({ when_closed: 'wait' })} busy={busy}>
              Let the user wait there
            </Button>
          )}
          <Button onClick={onClose}>Cancel</Button>
        </div>
      </form>
    </Dialog>
  )
}

function Refused({ refusal: { message, reopens_at } }: { refusal: Refusal }) {
  return (
    <div className="problem" role="alert">
      <p>Refused: {message}</p>
      {reopens_at && (
        <p>
          It opens again <Time value={reopens_at} />, at <Time value={reopens_at} exact />.
        </p>
      )}
    </div>
  )
}
