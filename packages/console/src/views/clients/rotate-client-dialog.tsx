import type { Client, RotatedClientSecret } from '@tract/contract'
import { useState } from 'react'
import { call } from '../../api/call.js'
import { useAction } from '../../api/use-action.js'
import { Button } from '../../components/button.js'
import { Dialog } from '../../components/dialog.js'
import { Problem } from '../../components/problem.js'
import { Secret } from '../../components/secret.js'
import { Time } from '../../time/time.js'

/** A new secret beside the old one, shown this once. */
export function RotateClientDialog({ client, onClose }: { client: Client; onClose: () => void }) {
  const [rotated, setRotated] = useState<RotatedClientSecret>()
  const { run, busy, error } = useAction(async () => {
    setRotated(await call('rotateClientSecret', { body: { client_id: client.client_id } }))
  })
  return (
    <Dialog open onClose={onClose} title={`Rotate the secret of ${client.name}`} keep={busy || rotated !== undefined}>
      {rotated ? (
        <>
          <Secret title="The new secret, shown this once:" text={rotated.client_secret} />
          <p className="hint">
            The one before works until <Time value={rotated.previous_valid_until} exact />.
          </p>
        </>
      ) : (
        <p>It gets a new secret. The one that it has works for 24 hours more.</p>
      )}
      <Problem error={error} />
      <div className="row">
        {!rotated && (
          <Button tone="primary" onClick={() => run()} busy={busy}>
            Rotate
          </Button>
        )}
        <Button onClick={onClose}>{rotated ? 'I have kept it' : 'Cancel'}</Button>
      </div>
    </Dialog>
  )
}
