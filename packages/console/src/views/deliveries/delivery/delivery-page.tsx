import { useState } from 'react'
import { call } from '../../../api/call.js'
import { useAction } from '../../../api/use-action.js'
import { useAnswer } from '../../../api/use-answer.js'
import { useRepeated } from '../../../api/use-repeated.js'
import { Button } from '../../../components/button.js'
import { ConfirmDialog } from '../../../components/confirm-dialog.js'
import { Loading } from '../../../components/empty.js'
import { Live } from '../../../components/live.js'
import { Page } from '../../../components/page.js'
import { Problem } from '../../../components/problem.js'
import { Link } from '../../../router/link.js'
import { routeTo } from '../../../router/route.js'
import { useChanges } from '../../../stream/use-changes.js'
import { ReplayDialog } from '../replay/replay-dialog.js'
import { WaitsFor } from '../waits/waits-for.js'
import { AttemptList } from './attempt-list.js'
import { DeliveryFacts } from './delivery-facts.js'
import { RequestDetails } from './request-details.js'

const EVERY_MS = 3_000

interface DeliveryPageProps {
  organisationId: string
  listenerId: string
  id: string
}

/** One delivery: what is posted, what came of each attempt, and what can be done about it. */
export function DeliveryPage({ organisationId, listenerId, id }: DeliveryPageProps) {
  const actFor = `${organisationId}/${listenerId}`
  const { data, error, reload } = useAnswer('getDelivery', { body: { id } }, { actFor })
  const pending = data?.delivery.state === 'pending'
  const following = useChanges({ organisationId, userId: data?.delivery.user_id }, reload)
  // a pause ends, and a breaker closes, without a change of this delivery
  useRepeated(() => pending && reload(), EVERY_MS)
  const [asked, setAsked] = useState<'skip' | 'replay'>()
  const [outcome, setOutcome] = useState('')
  const retry = useAction(async () => {
    setOutcome('')
    await call('retryDelivery', { body: { id } }, { actFor })
    setOutcome('It is tried now.')
    reload()
  })
  return (
    <Page
      title={data ? `${data.delivery.category}/${data.delivery.subcategory}` : 'Delivery'}
      actions={
        <>
          <Live following={following} />
          <Link
            className="button button-plain"
            href={`${routeTo(organisationId, 'deliveries')}?${new URLSearchParams({ listener: listenerId })}`}
          >
            All deliveries
          </Link>
        </>
      }
    >
      <div className="stack">
        <Problem error={error} onRetry={reload} />
        {!data && error === undefined && <Loading what="Loading the delivery" />}
        {data && <DeliveryFacts delivery={data.delivery} organisationId={organisationId} />}
        {data?.waits_for && (
          <WaitsFor waits={data.waits_for} to={(other) => routeTo(organisationId, 'deliveries', listenerId, other)} />
        )}
        {data && (
          <div className="row">
            <Button tone="primary" onClick={() => retry.run()} busy={retry.busy} disabled={!pending}>
              Retry now
            </Button>
            <Button tone="danger" onClick={() => setAsked('skip')} disabled={!pending}>
              Skip…
            </Button>
            <Button onClick={() => setAsked('replay')} disabled={pending}>
              Replay…
            </Button>
            <p role="status">{outcome}</p>
          </div>
        )}
        {data && (
          <p className="hint">
            {pending
              ? 'The first that waits in its lane can be retried and skipped; what has ended can be replayed.'
              : 'It has ended: it can be replayed.'}
          </p>
        )}
        <Problem error={retry.error} />
        {data && <AttemptList attempts={data.attempts} delivery={data.delivery} />}
        {data?.request && <RequestDetails request={data.request} />}
      </div>
      {asked === 'skip' && (
        <ConfirmDialog
          title="Skip this delivery?"
          action="Skip it"
          perform={async () => {
            await call('skipDelivery', { body: { id } }, { actFor })
            setOutcome('It was skipped.')
            reload()
          }}
          onClose={() => setAsked(undefined)}
        >
          <p>
            It ends as cancelled, and {listenerId} hears what comes after it. The gap shows in the numbers of its lane.
            A delivery that was skipped can still be replayed, behind all others.
          </p>
        </ConfirmDialog>
      )}
      {asked === 'replay' && (
        <ReplayDialog
          id={id}
          actFor={actFor}
          onClose={() => setAsked(undefined)}
          onReplayed={() => setOutcome('A copy of it was added to its lane.')}
        />
      )}
    </Page>
  )
}
