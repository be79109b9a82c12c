import type { Delivery, DeliveryFilter } from '@tract/contract'
import { useEffect, useRef, useState } from 'react'
import { useAction } from '../../../api/use-action.js'
import { Button } from '../../../components/button.js'
import { Dialog } from '../../../components/dialog.js'
import { SelectField } from '../../../components/field.js'
import { Problem } from '../../../components/problem.js'
import { ACTS, actOf, type BulkAct, proposedFor } from './bulk-acts.js'
import { BulkChoice } from './bulk-choice.js'
import { BulkProgress } from './bulk-progress.js'
import { NOTHING_DONE, type Progress, performAll } from './perform-all.js'

interface BulkDialogProps {
  /** What the list shows, without its state. */
  filter: DeliveryFilter
  /** The list's; empty: any. */
  state: string
  actFor: string
  onClose: () => void
  onDone: () => void
}

/** What is to be done with many deliveries is shown and asked for before; then how far it is, until it ends or is stopped. */
export function BulkDialog({ filter, state, actFor, onClose, onDone }: BulkDialogProps) {
  const [act, setAct] = useState<BulkAct>(proposedFor(state))
  const [progress, setProgress] = useState<Progress & { of: number }>()
  const [isStopped, setIsStopped] = useState(false)
  const stop = useRef(new AbortController())
  useEffect(() => () => stop.current.abort(), [])
  const { run, busy, error } = useAction(async (chosen: readonly Delivery[]) => {
    stop.current = new AbortController()
    const of = chosen.length
    const tell = (now: Progress) => setProgress({ ...now, of })
    tell(NOTHING_DONE)
    await performAll(act, chosen, actFor, tell, stop.current.signal).finally(onDone)
  })
  if (progress) {
    return (
      <Dialog open onClose={onClose} title={busy ? 'Under way' : 'What was done'} keep>
        <BulkProgress progress={progress} how={act.how} busy={busy} isStopped={isStopped} />
        <Problem error={error} />
        <div className="row">
          <Button
            onClick={() => {
              stop.current.abort()
              setIsStopped(true)
            }}
            disabled={!busy || isStopped}
          >
            Stop
          </Button>
          <Button onClick={onClose} disabled={busy}>
            Close
          </Button>
        </div>
      </Dialog>
    )
  }
  return (
    <Dialog open onClose={onClose} title="Replay, retry, skip" wide>
      <SelectField
        label="What to do with what the list finds"
        hint={act.warning}
        value={act.value}
        onChange={(value) => setAct(actOf(value))}
        choices={ACTS}
      />
      <BulkChoice
        key={act.value}
        act={act}
        filter={{ ...filter, ...(act.state && { state: act.state }) }}
        actFor={actFor}
        onRun={(chosen) => void run(chosen)}
        onClose={onClose}
      />
    </Dialog>
  )
}
