import { lazy, Suspense, useState } from 'react'
import { Button } from '../components/button.js'
import { Page } from '../components/page.js'
import { LISTENERS_ABOUT, Step } from '../views/start/step.js'

const CreateOrganisationDialog = lazy(() => import('../views/settings/create-organisation-dialog.js'))

/** An empty service: what it takes until a message arrives. */
export function NoOrganisation() {
  const [creating, setCreating] = useState(false)
  return (
    <Page title="First steps">
      <ol className="steps plain-list">
        <Step
          number={1}
          done={false}
          title="An organisation"
          about="A customer of the platform. Everything belongs to one."
        >
          <Button tone="primary" onClick={() => setCreating(true)}>
            Create an organisation…
          </Button>
        </Step>
        <Step number={2} done={false} title="Listeners" about={LISTENERS_ABOUT}>
          {null}
        </Step>
        <Step
          number={3}
          done={false}
          title="A client and a hook"
          about="By a client, the program of a listener calls TRACT; by a hook, TRACT calls it."
        >
          {null}
        </Step>
        <Step
          number={4}
          done={false}
          title="The first message"
          about="Be the user and the agent, and see what goes to whom."
        >
          {null}
        </Step>
      </ol>
      {creating && (
        <Suspense>
          <CreateOrganisationDialog onClose={() => setCreating(false)} />
        </Suspense>
      )}
    </Page>
  )
}
