import { SANDBOX_ORGANISATION_ID } from '@tract/contract/sandbox'
import { useEffect } from 'react'
import { useAnswer } from '../api/use-answer.js'
import { Link } from '../router/link.js'
import { routeTo } from '../router/route.js'

/** The way back to the first steps, until a first message is there; later the settings lead to them. */
export function FirstStepsEntry({ organisationId, view }: { organisationId: string; view: string | undefined }) {
  const isSandbox = organisationId === SANDBOX_ORGANISATION_ID
  const query = { organisation_id: organisationId, limit: 1 }
  const { data, reload } = useAnswer('listThreads', isSandbox ? undefined : { query })
  const isOpen = data?.threads.length === 0
  // biome-ignore lint/correctness/useExhaustiveDependencies: another view, another look
  useEffect(() => {
    if (isOpen) reload()
  }, [view, reload])
  if (!isOpen && view !== 'start') return null
  return (
    <li>
      <Link href={routeTo(organisationId, 'start')} aria-current={view === 'start' ? 'page' : undefined}>
        First steps
      </Link>
    </li>
  )
}
