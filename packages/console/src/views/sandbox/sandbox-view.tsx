import { SANDBOX_ORGANISATION_ID } from '@tract/contract/sandbox'
import { useEffect } from 'react'
import type { ViewProps } from '../../app/view-props.js'
import { Empty, Loading } from '../../components/empty.js'
import { Page } from '../../components/page.js'
import { Link } from '../../router/link.js'
import { navigate } from '../../router/location.js'
import { routeTo } from '../../router/route.js'
import { Conversation } from './conversation.js'
import './sandbox.css'

const newUser = () => `sandbox-${crypto.randomUUID().slice(0, 8)}`
const conversationOf = (userId: string) => routeTo(SANDBOX_ORGANISATION_ID, 'sandbox', userId)

/** A conversation from all sides: the user's chat, the agent's desk, and what crosses between them. */
export default function SandboxView({ organisationId, rest }: ViewProps) {
  const [userId] = rest
  const isSandbox = organisationId === SANDBOX_ORGANISATION_ID
  useEffect(() => {
    if (isSandbox && userId === undefined) navigate(conversationOf(newUser()), { replace: true })
  }, [isSandbox, userId])

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
