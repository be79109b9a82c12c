import { useState } from 'react'
import { useAnswer } from '../../api/use-answer.js'
import type { ViewProps } from '../../app/view-props.js'
import { Button } from '../../components/button.js'
import { Empty, Loading } from '../../components/empty.js'
import { Page } from '../../components/page.js'
import { Problem } from '../../components/problem.js'
import { useQueryState } from '../../router/query-state.js'
import { ClientDialog } from './client-dialog.js'
import { ClientTable } from './client-table.js'
import { useClients } from './use-clients.js'

/** The credentials of an organisation's listeners. */
export default function ClientsView({ organisationId }: ViewProps) {
  const [listener] = useQueryState('listener')
  const [creating, setCreating] = useState(false)
  const clients = useClients(organisationId)
  const { data, error } = useAnswer('listListeners', { query: { organisation_id: organisationId, limit: 100 } })
  const listeners = data?.listeners ?? []
  // the one that the address names is the first to choose
  const choices = listeners.toSorted(
    (one, other) => Number(other.listener_id === listener) - Number(one.listener_id === listener),
  )
  return (
    <Page
      title="Clients"
      actions={
        <Button tone="primary" onClick={() => setCreating(true)} disabled={listeners.length === 0}>
          New client…
        </Button>
      }
    >
      <div className="stack">
        <p className="hint">
          A client is an id and a secret by which a program gets tokens, in the name of one listener.
        </p>
        <Problem error={error ?? clients.error} onRetry={clients.reload} />
        {!clients.list && clients.error === undefined && <Loading what="Loading clients" />}
        {data && listeners.length === 0 && <Empty title="A client is of a listener, and there is none yet." />}
        {listeners.length > 0 && clients.list?.length === 0 && <Empty title="There is no client yet." />}
        {clients.list && clients.list.length > 0 && (
          <ClientTable caption="Clients" clients={clients.list} listeners={listeners} onChanged={clients.reload} />
        )}
      </div>
      {creating && <ClientDialog listeners={choices} onDone={clients.reload} onClose={() => setCreating(false)} />}
    </Page>
  )
}
