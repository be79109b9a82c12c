import type { Organisation } from '@tract/contract'
import { lazy, Suspense, useState } from 'react'
import { useAction } from '../api/use-action.js'
import { Button } from '../components/button.js'
import { Problem } from '../components/problem.js'
import { Link } from '../router/link.js'
import { navigate } from '../router/location.js'
import { BASE, routeTo } from '../router/route.js'
import { type Session, signOut } from '../session/session.js'
import { zoneName } from '../time/moment.js'
import { FirstStepsEntry } from './first-steps-entry.js'
import { OrganisationSwitch } from './organisation-switch.js'
import { ThemeSwitch } from './theme-switch.js'
import { views } from './views.js'

const CreateOrganisationDialog = lazy(() => import('../views/settings/create-organisation-dialog.js'))

interface NavigationProps {
  session: Session
  organisations: readonly Organisation[] | undefined
  organisationId: string | undefined
  view: string | undefined
}

export function Navigation({ session, organisations, organisationId, view }: NavigationProps) {
  const [creating, setCreating] = useState(false)
  const leave = useAction(async () => {
    await signOut()
    navigate(BASE, { replace: true })
  })
  return (
    <header className="navigation">
      <span className="brand">TRACT</span>
      <OrganisationSwitch
        organisations={organisations}
        value={organisationId}
        onChange={(id) => navigate(routeTo(id, view ?? ''))}
        onCreate={() => setCreating(true)}
      />
      <nav aria-label="Views">
        <ul>
          {organisationId === undefined ? (
            <li>
              <Link href={BASE}>First steps</Link>
            </li>
          ) : (
            <>
              {views
                .filter(({ label }) => label !== '')
                .map(({ name, label }) => (
                  <li key={name}>
                    <Link href={routeTo(organisationId, name)} aria-current={name === view ? 'page' : undefined}>
                      {label}
                    </Link>
                  </li>
                ))}
              <FirstStepsEntry organisationId={organisationId} view={view} />
            </>
          )}
        </ul>
      </nav>
      <div className="account">
        <ThemeSwitch />
        <span className="hint" title={session.client_id}>
          {session.name}
        </span>
        <div className="row account-wide">
          <span className="hint">Times: {zoneName(new Date())}</span>
          <a href="/guide">Guide</a>
          <a href="/docs">API</a>
        </div>
        <Button onClick={leave.run} busy={leave.busy}>
          Sign out
        </Button>
        <Problem error={leave.error} />
      </div>
      {creating && (
        <Suspense>
          <CreateOrganisationDialog onClose={() => setCreating(false)} />
        </Suspense>
      )}
    </header>
  )
}
