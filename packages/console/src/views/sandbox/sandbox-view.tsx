import { SANDBOX_ORGANISATION_ID } from '@tract/contract/sandbox'
import { useCallback, useEffect } from 'react'
import type { ViewProps } from '../../app/view-props.js'
import { Empty, Loading } from '../../components/empty.js'
import { Page } from '../../components/page.js'
import { navigate } from '../../router/location.js'
import { routeTo } from '../../router/route.js'
import { type Session, useSession } from '../../session/session.js'
import { Conversation } from './conversation.js'
import './sandbox.css'

const newUser = (isSandbox: boolean) => `${isSandbox ? 'sandbox' : 'test'}-${crypto.randomUUID().slice(0, 8)}`

/** The test user of each organisation who was played last: the navigation returns there. */
const last = new Map<string, string>()

/** A conversation from all sides: the user's chat, the agent's desk, and what crosses between them. */
export default function SandboxView({ organisationId, rest }: ViewProps) {
  const [userId] = rest
  const signedIn = useSession()
  const sandbox = signedIn.kind === 'in' ? signedIn.session.sandbox : undefined
  const isSandbox = organisationId === SANDBOX_ORGANISATION_ID
  const begin = useCallback(
    (user = newUser(isSandbox), options = {}) => navigate(routeTo(organisationId, 'sandbox', user), options),
    [organisationId, isSandbox],
  )
  useEffect(() => {
    if (userId === undefined) begin(last.get(organisationId), { replace: true })
    else last.set(organisationId, userId)
  }, [organisationId, userId, begin])

  if (isSandbox && sandbox && sandbox.state !== 'running') return <NotThere {...sandbox} />
  if (userId === undefined) return <Loading />
  return <Conversation key={userId} organisationId={organisationId} userId={userId} onNewUser={() => begin()} />
}

/** No listener would answer. */
function NotThere({ state, problem }: NonNullable<Session['sandbox']>) {
  return (
    <Page title="Sandbox">
      {state === 'failed' ? (
        <Empty title="The sandbox did not start, so that nobody would answer.">
          <p>{problem}</p>
        </Empty>
      ) : (
        <Empty title="The sandbox is switched off.">
          <p>
            Start TRACT with <code>TRACT_SANDBOX=on</code> to have it.
          </p>
        </Empty>
      )}
    </Page>
  )
}
