import type { BulkAct } from './bulk-acts.js'
import type { Progress } from './perform-all.js'

interface BulkProgressProps {
  progress: Progress & { of: number }
  how: BulkAct['how']
  busy: boolean
  isStopped: boolean
}

const DONE = {
  replay: 'Sent again, each at the end of its lane',
  retry: 'Tried now',
  skip: 'Skipped',
} as const

/** How far it is, and in the end what came of it. */
export function BulkProgress({ progress: { done, refused, reason, of }, how, busy, isStopped }: BulkProgressProps) {
  const left = of - done - refused
  return (
    <>
      <progress className="bulk-progress" max={of} value={done + refused} aria-label="How far it is" />
      <p role="status">
        {DONE[how]}: {done} of {of}.{busy && isStopped && ' It stops after what is under way.'}
        {!busy && left > 0 && ` ${isStopped ? 'It was stopped' : 'It ended'} before the other ${left}.`}
      </p>
      {refused > 0 && (
        <p className="hint">
          Left as they are: {refused}. {reason}
        </p>
      )}
    </>
  )
}
