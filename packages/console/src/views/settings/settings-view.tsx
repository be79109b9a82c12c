import type { Organisation } from '@tract/contract'
import { useState } from 'react'
import { call } from '../../api/call.js'
import { useAction } from '../../api/use-action.js'
import { type Loaded, useAnswer } from '../../api/use-answer.js'
import { reloadOrganisations, useOrganisation } from '../../app/organisations.js'
import type { ViewProps } from '../../app/view-props.js'
import { Loading } from '../../components/empty.js'
import { Page } from '../../components/page.js'
import { Problem } from '../../components/problem.js'
import { errorsAt } from '../../forms/field-errors.js'
import { Form } from '../../forms/form.js'
import { Link } from '../../router/link.js'
import { routeTo } from '../../router/route.js'
import { Time } from '../../time/time.js'
import { draftOf, updateOf } from './organisation-draft.js'
import { ControlFields, DefaultFields, NameField, ORGANISATION_FIELDS } from './organisation-fields.js'
import { SwitchOrganisation } from './switch-organisation.js'
import './settings.css'

/** What an organisation is set to, all of it explained where it is set. */
export default function SettingsView({ organisationId }: ViewProps) {
  const organisation = useOrganisation(organisationId)
  const listeners = useAnswer('listListeners', { query: { organisation_id: organisationId, limit: 100 } })
  return (
    <Page
      title="Settings"
      actions={
        <Link className="button button-plain" href={routeTo(organisationId, 'start')}>
          First steps
        </Link>
      }
    >
      <Problem error={listeners.error} onRetry={listeners.reload} />
      {organisation && listeners.data ? (
        <Settings key={organisation.updated_at} organisation={organisation} listeners={listeners} />
      ) : (
        listeners.loading && <Loading what="Loading the settings" />
      )}
    </Page>
  )
}

interface SettingsProps {
  organisation: Organisation
  listeners: Loaded<{ listeners: Parameters<typeof DefaultFields>[0]['listeners'] }>
}

/** Which update the fields have been saved with: shown when they come back. */
let saved = ''

function Settings({ organisation, listeners: { data, reload } }: SettingsProps) {
  const [draft, setDraft] = useState(() => draftOf(organisation))
  const update = updateOf(draft, organisation)
  const { run, busy, error } = useAction(async () => {
    if (!update) return
    saved = (await call('updateOrganisation', { body: update })).updated_at
    await reloadOrganisations()
  })
  const fields = { draft, onChange: setDraft, errorAt: errorsAt(error, { listener_not_found: '/default_listener' }) }
  const all = data?.listeners ?? []
  return (
    <div className="stack">
      <Form
        action="Save"
        busy={busy}
        error={error}
        fields={ORGANISATION_FIELDS}
        disabled={!update}
        onSubmit={() => run()}
      >
        <section className="card stack" aria-labelledby="organisation">
          <h2 id="organisation">Organisation</h2>
          <NameField {...fields} />
          <p className="hint">
            Its id is <code>{organisation.id}</code>, created <Time value={organisation.created_at} />.
          </p>
        </section>
        <section className="card stack" aria-labelledby="who">
          <h2 id="who">Who gets a conversation</h2>
          <DefaultFields {...fields} listeners={all} />
        </section>
        <section className="card stack" aria-labelledby="control">
          <h2 id="control">How control moves</h2>
          <ControlFields {...fields} />
        </section>
        <p role="status">
          {saved === organisation.updated_at && !update && 'Saved: it counts from the next message on.'}
        </p>
      </Form>
      <SwitchOrganisation organisation={organisation} listeners={all} onSwitched={reload} />
    </div>
  )
}
