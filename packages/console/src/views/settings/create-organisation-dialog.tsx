import { useState } from 'react'
import { call } from '../../api/call.js'
import { useAction } from '../../api/use-action.js'
import { reloadOrganisations } from '../../app/organisations.js'
import { Dialog } from '../../components/dialog.js'
import { errorsAt } from '../../forms/field-errors.js'
import { Form } from '../../forms/form.js'
import { navigate } from '../../router/location.js'
import { routeTo } from '../../router/route.js'
import { creationOf, NEW_ORGANISATION } from './organisation-draft.js'
import { ControlFields, NameField, ORGANISATION_FIELDS } from './organisation-fields.js'
import './settings.css'

/** A name is all that a new organisation needs; its first steps come after it. */
export default function CreateOrganisationDialog({ onClose }: { onClose: () => void }) {
  const [draft, setDraft] = useState(NEW_ORGANISATION)
  const { run, busy, error } = useAction(async () => {
    const { id } = await call('createOrganisation', { body: creationOf(draft) })
    await reloadOrganisations()
    onClose()
    navigate(routeTo(id, 'start'))
  })
  const fields = { draft, onChange: setDraft, errorAt: errorsAt(error) }
  return (
    <Dialog open onClose={onClose} title="New organisation" wide>
      <Form
        action="Create"
        busy={busy}
        error={error}
        fields={ORGANISATION_FIELDS}
        onSubmit={() => run()}
        onCancel={onClose}
      >
        <NameField {...fields} />
        <details className="stack">
          <summary>How control moves: all of it has a usual value, and can be changed later</summary>
          <ControlFields {...fields} />
        </details>
      </Form>
    </Dialog>
  )
}
