import type { Hook } from '@tract/contract'
import { useState } from 'react'
import { call } from '../../../api/call.js'
import { useAction } from '../../../api/use-action.js'
import { Button } from '../../../components/button.js'
import { Dialog } from '../../../components/dialog.js'
import { Problem } from '../../../components/problem.js'
import { SecretOnce } from './secret-once.js'

interface RotateDialogProps {
  hook: Hook
  actFor: string
  onRotated: () => void
  onClose: () => void
}

export function RotateDialog({ hook, actFor, onRotated, onClose }: RotateDialogProps) {
  const [secret, setSecret] = useState<string>()
  const { run, busy, error } = useAction(async () => {
    const rotated = await call('rotateHookSecret', { body: { id: hook.id } }, { actFor })
    setSecret(rotated.signing_secret)
    onRotated()
  })
  return (
    <Dialog
      open
      onClose={onClose}
      title={`Rotate the secret of ${hook.category}/${hook.subcategory}?`}
      keep={busy || secret !== undefined}
    >
      {secret === undefined ? (
        <p>It gets a new secret. For 24 hours everything is signed with both; after that with the new one alone.</p>
      ) : (
        <SecretOnce secret={secret} />
      )}
      <Problem error={error} />
      <div className="row">
        {secret === undefined && (
          <Button tone="primary" onClick={() => run()} busy={busy}>
            Rotate
          </Button>
        )}
        <Button onClick={onClose}>{secret === undefined ? 'Cancel' : 'Close'}</Button>
      </div>
    </Dialog>
  )
}
