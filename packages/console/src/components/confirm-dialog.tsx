import type { ReactNode } from 'react'
import { useAction } from '../api/use-action.js'
import { Button } from './button.js'
import { Dialog } from './dialog.js'
import { Problem } from './problem.js'

interface ConfirmDialogProps {
  title: string
  /** What will happen. */
  children: ReactNode
  /** The button that does it. */
  action: string
  tone?: 'primary' | 'danger'
  perform: () => Promise<unknown>
  onClose: () => void
}

/** Asks before what cannot be taken back; stays open, with the reason, where it is refused. */
export function ConfirmDialog({ title, children, action, tone = 'danger', perform, onClose }: ConfirmDialogProps) {
  const { run, busy, error } = useAction(async () => {
    await perform()
    onClose()
  })
  return (
    <Dialog open onClose={onClose} title={title}>
      {children}
      <Problem error={error} />
      <div className="row">
        <Button tone={tone} onClick={() => run()} busy={busy}>
          {action}
        </Button>
        <Button onClick={onClose}>Cancel</Button>
      </div>
    </Dialog>
  )
}
