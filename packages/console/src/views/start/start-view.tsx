import type { Hook, Listener } from '@tract/contract'
import { useState } from 'react'
import { useAnswer } from '../../api/use-answer.js'
import { useOrganisation } from '../../app/organisations.js'
import type { ViewProps } from '../../app/view-props.js'
import { Button } from '../../components/button.js'
import { Loading } from '../../components/empty.js'
import { Page } from '../../components/page.js'
import { Problem } from '../../components/problem.js'
import { Link } from '../../router/link.js'
import { routeTo } from '../../router/route.js'
import { ClientDialog } from '../clients/client-dialog.js'
import { useClients } from '../clients/use-clients.js'
import { RegisterDialog } from '../listeners/hooks/register-dialog.js'
import { ListenerDialog } from '../listeners/settings/listener-dialog.js'
import { AnswersHook } from './answers-hook.js'
import { LISTENERS_ABOUT, Step } from './step.js'

/** Who makes a conversation that is passed on, in the order in which they get it. A Smart Agent Chat is a desk, too. */
const MAKERS = [
  { kind: 'md', button: 'Create message delivery…' },
  { kind: 'iva', button: 'Create an assistant…' },
  { kind: 'ect', or: 'sac', button: 'Create a desk…' },
] as const

type Asked = (typeof MAKERS)[number]['kind'] | 'client' | 'hook'

/** From an organisation to its first message, in four steps. What is there already is ticked off. */
export default function StartView({ organisationId }: ViewProps) {
  const [asked, setAsked] = useState<Asked>()
  const organisation = useOrganisation(organisationId)
  const query = { organisation_id: organisationId }
  const listeners = useAnswer('listListeners', { query: { ...query, limit: 100 } })
  const clients = useClients(organisationId)
  const threads = useAnswer('listThreads', { query: { ...query, limit: 1 } })
  const all = listeners.data?.listeners
  const delivery = all?.find(({ kind }) => kind === 'md')
  const receiver = all?.find(({ kind }) => kind === 'ect') ?? all?.find(({ kind }) => kind === 'iva' || kind === 'sac')
  const hooks = useHooks(organisationId, receiver)
  const close = () => setAsked(undefined)
  if (!all)
    return (
      <Page title="First steps">
        {listeners.error ? <Problem error={listeners.error} onRetry={listeners.reload} /> : <Loading />}
      </Page>
    )
  const areListeners = delivery !== undefined && receiver !== undefined
  const hasClient = (clients.list?.length ?? 0) > 0
  const hasHook = (hooks.data?.hooks.length ?? 0) > 0
  const isReady = areListeners && hasClient && hasHook
  return (
    <Page title="First steps">
      <ol className="steps plain-list">
        <Step
          number={1}
          done
          title="An organisation"
          about={<>{organisation?.name} is there. Everything belongs to one.</>}
        >
          <Link className="button button-plain" href={routeTo(organisationId, 'settings')}>
            Its settings
          </Link>
        </Step>
        <Step number={2} done={areListeners} title="Listeners" about={LISTENERS_ABOUT}>
          {all.map((listener) => (
            <Made key={listener.listener_id} by={listener} />
          ))}
          {MAKERS.filter((maker) => !all.some(({ kind }) => isOf(kind, maker))).map(({ kind, button }) => (
            <Button key={kind} onClick={() => setAsked(kind)}>
              {button}
            </Button>
          ))}
        </Step>
        <Step
          number={3}
          done={hasClient && hasHook}
          title="A client and a hook"
          about={
            receiver
              ? `By a client, the program of ${receiver.listener_id} calls TRACT; by a hook, TRACT calls it.`
              : 'By a client, a program calls TRACT; by a hook, TRACT calls it. They are of a listener, so that comes first.'
          }
        >
          {hasClient ? <span>A client is there.</span> : null}
          <Button onClick={() => setAsked('client')} disabled={!receiver}>
            {hasClient ? 'Another client…' : 'Create a client…'}
          </Button>
          {hasHook && receiver ? (
            <Link href={routeTo(organisationId, 'listeners', receiver.listener_id)}>Its hooks, and their test</Link>
          ) : (
            <Button onClick={() => setAsked('hook')} disabled={!receiver}>
              Register a hook…
            </Button>
          )}
        </Step>
        <Step
          number={4}
          done={(threads.data?.threads.length ?? 0) > 0}
          title="The first message"
          about="Be the user and the agent, and see what goes to whom. What you write is really delivered."
        >
          {delivery ? (
            <>
              <Link
                className={isReady ? 'button button-primary' : 'button button-plain'}
                href={routeTo(organisationId, 'sandbox')}
              >
                Write as a user
              </Link>
              <AnswersHook organisationId={organisationId} delivery={delivery} />
            </>
          ) : (
            <span className="hint">It needs message delivery, of step 2.</span>
          )}
        </Step>
      </ol>
      <Problem error={clients.error ?? hooks.error ?? threads.error} />
      {(asked === 'md' || asked === 'ect' || asked === 'iva') && (
        <ListenerDialog organisationId={organisationId} of={asked} onDone={listeners.reload} onClose={close} />
      )}
      {asked === 'client' && receiver && (
        <ClientDialog
          listeners={[receiver, ...all.filter((listener) => listener !== receiver)]}
          onDone={clients.reload}
          onClose={close}
        />
      )}
      {asked === 'hook' && receiver && (
        <RegisterDialog
          listener={receiver}
          hooks={hooks.data?.hooks ?? []}
          actFor={`${organisationId}/${receiver.listener_id}`}
          onRegistered={hooks.reload}
          onClose={close}
        />
      )}
    </Page>
  )
}

function useHooks(
  organisationId: string,
  receiver: Listener | undefined,
): { data: { hooks: Hook[] } | undefined; error: unknown; reload: () => void } {
  const input = receiver?.enabled ? {} : undefined
  return useAnswer('listHooks', input, { actFor: receiver && `${organisationId}/${receiver.listener_id}` })
}

const isOf = (kind: string, maker: (typeof MAKERS)[number]): boolean =>
  kind === maker.kind || ('or' in maker && kind === maker.or)

function Made({ by }: { by: Listener }) {
  return (
    <Link href={routeTo(by.organisation_id, 'listeners', by.listener_id)}>
      {by.name} ({by.listener_id})
    </Link>
  )
}
