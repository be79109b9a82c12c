import { SANDBOX_ORGANISATION_ID } from '@tract/contract/sandbox'
import { useEffect } from 'react'
import type { ViewProps } from '../../app/view-props.js'
import { Empty, Loading } from '../../components/empty.js'
import { Page } from '../../components/page.js'
import { Link } from '../../router/link.js'
import { navigate } from '../../router/location.js'
import { routeTo } from '../../router/route.js'
import { type Session, useSession } from '../../session/session.js'
import { Conversation } from './conversation.js'
import './sandbox.css'

const newUser = () => `sandbox-${crypto.randomUUID().slice(0, 8)}`
const conversationOf = (userId: string) => routeTo(SANDBOX_ORGANISATION_ID, 'sandbox', userId)

/** A conversation from all sides: the user's chat, the agent's desk, and what crosses between them. */
export default function SandboxView({ organisationId, rest }: ViewProps) {
  const [userId] = rest
  const signedIn = useSession()
  const sandbox = signedIn.kind === 'in' ? signedIn.session.sandbox : undefined
  const isSandbox = organisationId === SANDBOX_ORGANISATION_ID
  useEffect(() => {
    if (isSandbox && userId === undefined) navigate(conversationOf(newUser()), { replace: true })
  }, [isSandbox, userId])

  if (sandbox && sandbox.state !== 'running') return <NotThere {...sandbox} />
  if (!isSandbox) {
    return (
      <Page title="Sandbox">
        <Empty title="The sandbox is an organisation of its own, so that no client’s users are disturbed.">
          <p>
            <Link href={routeTo(SANDBOX_ORGANISATION_ID, 'sandbox')}>Go to the sandbox</Link>. In production it is there
            when <code>TRACT_SANDBOX</code> is <code>on</code>.
          </p>
        </Empty>
      </Page>
    )
  }
  if (userId === undefined) return <Loading />
  return <Conversation key={userId} userId={userId} onNewUser={() => navigate(conversationOf(newUser()))} />
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
