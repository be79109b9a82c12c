import { useState } from 'react'
import { Button } from '../../components/button.js'
import { Loading } from '../../components/empty.js'
import { Page } from '../../components/page.js'
import { Problem } from '../../components/problem.js'
import { ClientDialog } from '../clients/client-dialog.js'
import { ClientTable } from '../clients/client-table.js'
import { useClients } from '../clients/use-clients.js'
import { SigningKeys } from './signing-keys.js'

/** What belongs to no organisation: the operators, and the keys that sign tokens. */
export default function ServiceView() {
  const [creating, setCreating] = useState(false)
  const clients = useClients()
  const operators = clients.list?.filter(({ organisation_id }) => organisation_id === undefined)
  return (
    <Page title="Service">
      <div className="stack">
        <section className="stack" aria-labelledby="operators">
          <div className="row">
            <h2 id="operators">Operators</h2>
            <Button onClick={() => setCreating(true)}>New operator…</Button>
          </div>
          <p className="hint">An operator signs in here, and may do everything, in every organisation.</p>
          <Problem error={clients.error} onRetry={clients.reload} />
          {operators ? (
            <ClientTable caption="Operators" clients={operators} listeners={[]} onChanged={clients.reload} />
          ) : (
            clients.error === undefined && <Loading what="Loading operators" />
          )}
        </section>
        <SigningKeys />
      </div>
      {creating && <ClientDialog listeners={[]} onDone={clients.reload} onClose={() => setCreating(false)} />}
    </Page>
  )
}
