import { useState } from 'react'
import { call } from '../../../api/call.js'
import { useAction } from '../../../api/use-action.js'
import { useAnswer } from '../../../api/use-answer.js'
import { Button } from '../../../components/button.js'
import { Dialog } from '../../../components/dialog.js'
import { Loading } from '../../../components/empty.js'
import { Problem } from '../../../components/problem.js'
import { Form } from '../../../forms/form.js'
import { ReplayPreview } from './replay-preview.js'

interface ReplayDialogProps {
  id: string
  actFor: string
  onClose: () => void
  onReplayed: () => void
}

/** Shows what would be sent again before it is. A copy goes to the end of its lane, and overtakes nothing. */
export function ReplayDialog({ id, actFor, onClose, onReplayed }: ReplayDialogProps) {
  const [isReplayed, setIsReplayed] = useState(false)
  const body = { ids: [id] }
  const preview = useAnswer('previewReplay', { body }, { actFor })
  const { run, busy, error } = useAction(async () => {
    await call('replayDeliveries', { body }, { actFor })
    setIsReplayed(true)
    onReplayed()
  })
  const { data } = preview
  if (isReplayed) {
    return (
      <Dialog open onClose={onClose} title="Replayed">
        <p role="status">1 delivery will be sent again, at the end of its lane.</p>
        <Button onClick={onClose}>Close</Button>
      </Dialog>
    )
  }
  return (
    <Dialog open onClose={onClose} title="Replay" wide>
      <Form
        action="Replay 1 delivery"
        busy={busy}
        error={error}
        disabled={!data?.matched}
        onSubmit={() => run()}
        onCancel={onClose}
      >
        <Problem error={preview.error} onRetry={preview.reload} />
        {!data && preview.error === undefined && <Loading what="Looking what would be sent" />}
        {data && <p>1 delivery would be sent again, marked as a replay.</p>}
        {data && <ReplayPreview preview={data} />}
      </Form>
    </Dialog>
  )
}
