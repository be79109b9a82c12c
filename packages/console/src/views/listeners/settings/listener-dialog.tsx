import type { Listener, ListenerKind } from '@tract/contract'
import { useState } from 'react'
import { call } from '../../../api/call.js'
import { useAction } from '../../../api/use-action.js'
import { Dialog } from '../../../components/dialog.js'
import { errorsAt } from '../../../forms/field-errors.js'
import { Form } from '../../../forms/form.js'
import { type HoursFaults, hoursDraftOf, hoursOf, isFaulty } from './hours-draft.js'
import { HoursFields } from './hours-fields.js'
import { listenerCreationOf, listenerDraftOf, listenerUpdateOf, newListener } from './listener-draft.js'
import { IdentityFields, LISTENER_FIELDS, ListenerNameField, RightsFields } from './listener-fields.js'
import '../../settings/settings.css'

interface ListenerDialogProps {
  organisationId: string
  /** The one to change; else a new one of this kind. */
  of: Listener | ListenerKind
  onDone: (listener: Listener) => void
  onClose: () => void
}

const ID_IS_TAKEN = { listener_exists: '/listener_id' }

/** Creates a listener, or changes one. */
export function ListenerDialog({ organisationId, of, onDone, onClose }: ListenerDialogProps) {
  const known = typeof of === 'string' ? undefined : of
  const [draft, setDraft] = useState(() => (typeof of === 'string' ? newListener(of) : listenerDraftOf(of)))
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone
  const [hoursDraft, setHoursDraft] = useState(() => hoursDraftOf(known?.hours, zone))
  const [faults, setFaults] = useState<HoursFaults>()
  const { run, busy, error } = useAction(async () => {
    const hours = hoursOf(hoursDraft)
    setFaults(isFaulty(hours) ? hours : undefined)
    if (isFaulty(hours)) return
    const listener = known
      ? await call('updateListener', { body: listenerUpdateOf(draft, known, hours) })
      : await call('createListener', { body: listenerCreationOf(draft, organisationId, hours ?? undefined) })
    onDone(listener)
    onClose()
  })
  const errorAt = errorsAt(error, ID_IS_TAKEN)
  const fields = { draft, onChange: setDraft, errorAt }
  return (
    <Dialog open onClose={onClose} title={known ? `Edit ${known.listener_id}` : 'New listener'} wide>
      <Form
        action={known ? 'Save' : 'Create'}
        busy={busy}
        error={error}
        fields={LISTENER_FIELDS}
        codes={ID_IS_TAKEN}
        onSubmit={() => run()}
        onCancel={onClose}
      >
        {!known && <IdentityFields {...fields} />}
        <ListenerNameField {...fields} />
        <Details open={known !== undefined}>
          <RightsFields {...fields} />
          <HoursFields draft={hoursDraft} onChange={setHoursDraft} faults={faults} errorAt={errorAt} />
        </Details>
      </Form>
    </Dialog>
  )
}

function Details({ open, children }: { open: boolean; children: React.ReactNode }) {
  return (
    <details open={open}>
      <summary>What it hears and may do, and when it is open: all of it has a usual value</summary>
      <div className="stack details-inner">{children}</div>
    </details>
  )
}
