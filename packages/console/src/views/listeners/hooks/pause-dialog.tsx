import type { Hook } from '@tract/contract'
import { useState } from 'react'
import { call } from '../../../api/call.js'
import { ConfirmDialog } from '../../../components/confirm-dialog.js'
import { TextField } from '../../../components/field.js'

interface PauseDialogProps {
  hook: Hook
  actFor: string
  onPaused: () => void
  onClose: () => void
}

export function PauseDialog({ hook, actFor, onPaused, onClose }: PauseDialogProps) {
  const [reason, setReason] = useState('')
  const given = reason.trim()
  return (
    <ConfirmDialog
      title={`Pause ${hook.category}/${hook.subcategory}?`}
      action="Pause"
      tone="primary"
      perform={async () => {
        await call('disableHook', { body: { id: hook.id, ...(given && { reason: given }) } }, { actFor })
        onPaused()
      }}
      onClose={onClose}
    >
      <p>
        What is for this hook waits, in order, until it is resumed, for 7 days at most; what comes after it for the same
        user waits too.
      </p>
      <TextField
        label="Reason"
        hint="For those who look at the list."
        maxLength={512}
        value={reason}
        onChange={setReason}
      />
    </ConfirmDialog>
  )
}
