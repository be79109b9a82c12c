import { SANDBOX_ORGANISATION_ID } from '@tract/contract/sandbox'
import { lazy, Suspense, useState } from 'react'
import { useKnownOrganisations } from '../../app/organisations.js'
import { Button } from '../../components/button.js'
import { Link } from '../../router/link.js'
import { routeTo } from '../../router/route.js'

const CreateOrganisationDialog = lazy(() => import('../settings/create-organisation-dialog.js'))

/** Where one is: in an organisation of one's own, or in the sandbox, from where a newcomer goes on to one. */
export function WhoseOrganisation({ isSandbox }: { isSandbox: boolean }) {
  const organisations = useKnownOrganisations()
  if (!isSandbox) return <OwnOrganisation />
  return organisations?.every(({ id }) => id === SANDBOX_ORGANISATION_ID) ? <OnlySandbox /> : null
}

function OnlySandbox() {
  const [creating, setCreating] = useState(false)
  return (
    <div className="row sandbox-own">
      <span>This is the sandbox.</span>
      <Button onClick={() => setCreating(true)}>Make an organisation of your own…</Button>
      {creating && (
        <Suspense>
          <CreateOrganisationDialog onClose={() => setCreating(false)} />
        </Suspense>
      )}
    </div>
  )
}

function OwnOrganisation() {
  return (
    <p className="hint sandbox-own">
      This is an organisation of your own: what is written here goes to its hooks, for a user that is made for it. In{' '}
      <Link href={routeTo(SANDBOX_ORGANISATION_ID, 'sandbox')}>the sandbox organisation</Link> an assistant and a desk
      answer by themselves.
    </p>
  )
}
