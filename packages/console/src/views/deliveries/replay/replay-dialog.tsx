import type { DeliveryReplayRequest, DeliveryState } from '@tract/contract'
import { useState } from 'react'
import { call } from '../../../api/call.js'
import { useAction } from '../../../api/use-action.js'
import { useAnswer } from '../../../api/use-answer.js'
import { Button } from '../../../components/button.js'
import { Dialog } from '../../../components/dialog.js'
import { Loading } from '../../../components/empty.js'
import { SelectField, TextField } from '../../../components/field.js'
import { Problem } from '../../../components/problem.js'
import { Form } from '../../../forms/form.js'
import { ReplayPreview } from './replay-preview.js'

interface ReplayDialogProps {
  request: DeliveryReplayRequest
  actFor: string
  onClose: () => void
  onReplayed: () => void
}

const counted = (count: number) => `${count} ${count === 1 ? 'delivery' : 'deliveries'}`

/** What a receiver may be sent again; the first is what one means as a rule. */
const WHAT = [
  { value: 'undeliverable', label: 'Those that failed (undeliverable)' },
  { value: 'cancelled', label: 'Those that were skipped or cancelled' },
  { value: 'delivered', label: 'Those that were acknowledged' },
  { value: '', label: 'All that have ended' },
]
/** More than these, or anything that was acknowledged already, asks for the number. */
const MOST_UNASKED = 20

/** Shows what would be sent again before it is. A copy goes to the end of its lane, and overtakes nothing. */
export function ReplayDialog({ request, actFor, onClose, onReplayed }: ReplayDialogProps) {
  const isBulk = 'filter' in request && request.filter !== undefined
  const given = isBulk ? request.filter?.state : undefined
  const [state, setState] = useState<string>(given === undefined || given === 'pending' ? 'undeliverable' : given)
  const [entered, setEntered] = useState('')
  const [replayed, setReplayed] = useState<number>()
  const body = isBulk ? withState(request, state) : request
  const preview = useAnswer('previewReplay', { body }, { actFor })
  const { run, busy, error } = useAction(async () => {
    const answer = await call('replayDeliveries', { body }, { actFor })
    setReplayed(answer.replayed)
    onReplayed()
  })
  const { data } = preview
  if (replayed !== undefined) {
    return (
      <Dialog open onClose={onClose} title="Replayed">
        <p role="status">{counted(replayed)} will be sent again, each at the end of its lane.</p>
        <Button onClick={onClose}>Close</Button>
      </Dialog>
    )
  }
  const matched = data?.matched ?? 0
  const isAgain = isBulk && (state === 'delivered' || state === '')
  const isAsked = matched > 0 && isBulk && (isAgain || matched > MOST_UNASKED)
  const choose = (value: string) => {
    setState(value)
    setEntered('')
  }
  return (
    <Dialog open onClose={onClose} title="Replay" wide>
      <Form
        action={data ? `Replay ${counted(matched)}` : 'Replay'}
        tone={isAgain ? 'danger' : 'primary'}
        busy={busy}
        error={error}
        disabled={matched === 0 || (isAsked && entered.trim() !== String(matched))}
        onSubmit={() => run()}
        onCancel={onClose}
      >
        {isBulk && (
          <SelectField
            label="What is sent again"
            hint={
              isAgain ? 'The receiver has had some of these: it has to know a delivery that it sees twice.' : undefined
            }
            value={state}
            onChange={choose}
            choices={WHAT}
          />
        )}
        <Problem error={preview.error} onRetry={preview.reload} />
        {!data && preview.error === undefined && <Loading what="Looking what would be sent" />}
        {data && (
          <p>
            {matched === 0
              ? 'None of what has ended matches: there is nothing to send again.'
              : `${counted(matched)} would be sent again, the oldest first, marked as a replay.`}
            {data.more && ' There are more: what is beyond these needs another replay.'}
          </p>
        )}
        {data && matched > 0 && <ReplayPreview preview={data} />}
        {isAsked && (
          <TextField
            label="How many, to confirm"
            hint={
              <>
                Enter <code>{matched}</code>
              </>
            }
            inputMode="numeric"
            value={entered}
            onChange={setEntered}
          />
        )}
      </Form>
    </Dialog>
  )
}

function withState({ filter, ...rest }: DeliveryReplayRequest, state: string): DeliveryReplayRequest {
  const { state: _, ...others } = filter ?? {}
  return { ...rest, filter: { ...others, ...(state && { state: state as DeliveryState }) } }
}
