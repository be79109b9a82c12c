import type { DeliveryReplayRequest } from '@tract/contract'
import { useState } from 'react'
import { call } from '../../../api/call.js'
import { useAction } from '../../../api/use-action.js'
import { useAnswer } from '../../../api/use-answer.js'
import { Button } from '../../../components/button.js'
import { Dialog } from '../../../components/dialog.js'
import { Loading } from '../../../components/empty.js'
import { Problem } from '../../../components/problem.js'
import { Time } from '../../../components/time.js'
import { indented } from '../indented.js'

interface ReplayDialogProps {
  request: DeliveryReplayRequest
  actFor: string
  onClose: () => void
  onReplayed: () => void
}

const counted = (count: number) => `${count} ${count === 1 ? 'delivery' : 'deliveries'}`

/** Shows what would be sent again before it is. A copy goes to the end of its lane, and overtakes nothing. */
export function ReplayDialog({ request, actFor, onClose, onReplayed }: ReplayDialogProps) {
  const preview = useAnswer('previewReplay', { body: request }, { actFor })
  const [replayed, setReplayed] = useState<number>()
  const { run, busy, error } = useAction(async () => {
    const answer = await call('replayDeliveries', { body: request }, { actFor })
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
  return (
    <Dialog open onClose={onClose} title="Replay" wide>
      <Problem error={preview.error} onRetry={preview.reload} />
      {!data && preview.error === undefined && <Loading what="Looking what would be sent" />}
      {data && (
        <>
          <p>
            {data.matched === 0
              ? 'Nothing that has ended is like that: there is nothing to send again.'
              : `${counted(data.matched)} would be sent again, the oldest first, marked as a replay.`}
            {data.more && ' There are more: what is beyond these needs another replay.'}
          </p>
          {data.deliveries.length < data.matched && <p className="hint">The first {data.deliveries.length} are:</p>}
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a part that scrolls has to be reached by keyboard */}
          <ol className="preview" tabIndex={0} aria-label="What would be sent">
            {data.deliveries.map(({ delivery, url, body }) => (
              <li key={delivery.id}>
                <details open={data.deliveries.length === 1}>
                  <summary>
                    {delivery.category}/{delivery.subcategory} of {delivery.user_id}, number {delivery.sequence} in its
                    lane, <Time value={delivery.created_at} />
                  </summary>
                  <p className="hint">{url === undefined ? 'Its hook is not registered any more.' : `POST ${url}`}</p>
                  <pre>{indented(body)}</pre>
                </details>
              </li>
            ))}
          </ol>
        </>
      )}
      <Problem error={error} />
      <div className="row">
        <Button tone="primary" onClick={() => run()} busy={busy} disabled={!data || data.matched === 0}>
          Replay {data ? counted(data.matched) : ''}
        </Button>
        <Button onClick={onClose}>Cancel</Button>
      </div>
    </Dialog>
  )
}
