import type { ThreadDetails } from '@tract/contract'
import { useState } from 'react'
import { call } from '../../../api/call.js'
import { useAction } from '../../../api/use-action.js'
import { Button } from '../../../components/button.js'
import { Dialog } from '../../../components/dialog.js'
import { TextField } from '../../../components/field.js'
import { Problem } from '../../../components/problem.js'
import { saveFile } from '../../../files/save.js'
import { Form } from '../../../forms/form.js'
import { navigate } from '../../../router/location.js'
import { routeTo } from '../../../router/route.js'
import { exportUser } from './export-user.js'

interface UserActionsProps {
  thread: ThreadDetails
  organisationId: string
}

/** What a person may ask for about themselves: all that is kept, and that it goes. */
export function UserActions({ thread, organisationId }: UserActionsProps) {
  const [erasing, setErasing] = useState(false)
  const { user_id: userId } = thread
  // a vendor sees no more than its own conversations
  const of = thread.listeners.find(({ kind }) => kind !== 'ect')?.id
  const actFor = `${organisationId}/${of}`
  const { run, busy, error } = useAction(async () => {
    const file = new Blob([await exportUser(organisationId, userId, actFor)], { type: 'application/json' })
    saveFile(`${userId.replaceAll(/[^\w.-]/g, '_')}.json`, file)
  })
  return (
    <section className="card stack" aria-labelledby="user">
      <h2 id="user">The user</h2>
      <p className="hint">
        {of === undefined
          ? 'It takes an enabled listener of the platform (md, iva, sac, analytics) to export or erase a user.'
          : 'Export: one file with the user, the conversations, messages and events. Erase: all of it goes, for good.'}
      </p>
      <div className="row">
        <Button onClick={() => run()} busy={busy} disabled={of === undefined}>
          Export
        </Button>
        <Button tone="danger" onClick={() => setErasing(true)} disabled={of === undefined}>
          Erase…
        </Button>
      </div>
      <Problem error={error} />
      {erasing && (
        <EraseDialog
          userId={userId}
          actFor={actFor}
          onErased={() => navigate(routeTo(organisationId, 'threads'), { said: `${userId} is erased.` })}
          onClose={() => setErasing(false)}
        />
      )}
    </section>
  )
}

interface EraseDialogProps {
  userId: string
  actFor: string
  onErased: () => void
  onClose: () => void
}

/** What cannot be taken back is not done by one press: the user's id has to be entered. */
function EraseDialog({ userId, actFor, onErased, onClose }: EraseDialogProps) {
  const [entered, setEntered] = useState('')
  const { run, busy, error } = useAction(async () => {
    await call('eraseUser', { body: { user_id: userId } }, { actFor })
    onErased()
  })
  return (
    <Dialog open onClose={onClose} title="Erase this user?">
      <Form
        action="Erase for good"
        tone="danger"
        busy={busy}
        error={error}
        disabled={entered !== userId}
        onSubmit={() => run()}
        onCancel={onClose}
      >
        <p>
          The user goes with the thread, messages, files, events, and what is still to be delivered. It cannot be taken
          back. What listeners have received already is theirs to erase.
        </p>
        <TextField
          label="The user’s id, to confirm"
          hint={
            <>
              Enter <code>{userId}</code>
            </>
          }
          value={entered}
          onChange={setEntered}
        />
      </Form>
    </Dialog>
  )
}
