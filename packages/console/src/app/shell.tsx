import { SANDBOX_ORGANISATION_ID } from '@tract/contract/sandbox'
import { Suspense, useEffect } from 'react'
import { Empty, Loading } from '../components/empty.js'
import { Problem } from '../components/problem.js'
import { navigate, usePath } from '../router/location.js'
import { parseRoute, routeTo } from '../router/route.js'
import type { Session } from '../session/session.js'
import { ErrorBoundary } from './error-boundary.js'
import { Navigation } from './navigation.js'
import { NoOrganisation } from './no-organisation.js'
import { firstOf, reloadOrganisations, useOrganisations } from './organisations.js'
import { views } from './views.js'

const [FIRST_VIEW] = views

/** What stands round every view: where one is, where one can go, and as whom. */
export function Shell({ session }: { session: Session }) {
  const { organisationId, view, rest } = parseRoute(usePath())
  const { list, error } = useOrganisations()
  // A view need not wait for the list to begin: most addresses name an organisation that there is.
  const isUnknown =
    // the sandbox's organisation is not there where the sandbox did not start, and that view says why
    view !== 'sandbox' &&
    list !== undefined &&
    list.length > 0 &&
    organisationId !== undefined &&
    !list.some(({ id }) => id === organisationId)
  const shown = views.find(({ name }) => name === view)
  const first = firstOf(list ?? [])?.id

  useEffect(() => {
    const organisation = organisationId ?? first
    if (organisation === undefined || view !== undefined) return
    // the sandbox has users of the documents' examples, which say little to who sees it first
    const name = organisation === SANDBOX_ORGANISATION_ID ? 'sandbox' : FIRST_VIEW?.name
    navigate(routeTo(organisation, name ?? ''), { replace: true })
  }, [organisationId, view, first])

  return (
    <div className="shell">
      <a className="skip-link" href="#view">
        Skip to the view
      </a>
      <Navigation session={session} organisations={list} organisationId={organisationId} view={view} />
      <main id="view" tabIndex={-1}>
        <Problem error={error} onRetry={() => void reloadOrganisations()} />
        {list?.length === 0 && <NoOrganisation />}
        {isUnknown && <Empty title="There is no such organisation.">Choose another one.</Empty>}
        {organisationId !== undefined && view !== undefined && !shown && <Empty title="There is no such view." />}
        {organisationId !== undefined && !isUnknown && shown && list?.length !== 0 && (
          <ErrorBoundary key={`${organisationId} ${shown.name}`}>
            <Suspense fallback={<Loading />}>
              <shown.component organisationId={organisationId} rest={rest} />
            </Suspense>
          </ErrorBoundary>
        )}
      </main>
    </div>
  )
}
