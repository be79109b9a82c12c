import type { Attempt, Delivery } from '@tract/contract'
import { Status, type Tone } from '../../../components/status.js'
import { type Column, Table } from '../../../components/table.js'
import { duration, Time } from '../../../time/time.js'

/** An attempt is given up after this. */
const TIMEOUT_MS = 5_000

/** When, how long, and what came back. */
export function AttemptList({ attempts, delivery }: { attempts: readonly Attempt[]; delivery: Delivery }) {
  if (attempts.length > 0) {
    return (
      <section className="stack" aria-labelledby="attempts">
        <h2 id="attempts">Attempts</h2>
        <Table
          caption="Attempts, in their order"
          columns={columnsOf(delivery)}
          rows={attempts}
          keyOf={({ number }) => String(number)}
        />
      </section>
    )
  }
  const untried = delivery.state === 'pending' && delivery.attempts === 0
  return <p className="hint">{untried ? 'It was not tried yet.' : 'Its attempts are no longer kept.'}</p>
}

/** An id that cannot be kept is the vendor's to mend; the delivery is over. */
function toneOf(error: string | undefined): Tone {
  if (error === undefined) return 'good'
  return error === 'invalid_ect_user_id' ? 'warn' : 'bad'
}

const columnsOf = ({ created_at }: Delivery): readonly Column<Attempt>[] => [
  { header: 'Attempt', cell: ({ number }) => number, numeric: true },
  {
    header: 'At',
    cell: ({ started_at }) => (
      <>
        <Time value={started_at} exact />{' '}
        <span className="hint">+{duration(Math.max(0, Date.parse(started_at) - Date.parse(created_at)))}</span>
      </>
    ),
  },
  {
    header: 'Took',
    cell: ({ duration_ms }) => (
      <span className="attempt-time">
        {duration(duration_ms)}
        <meter max={TIMEOUT_MS} value={Math.min(duration_ms, TIMEOUT_MS)} aria-label="Of the 5 s that it may take" />
      </span>
    ),
  },
  {
    header: 'Outcome',
    cell: ({ status, error }) => (
      <span className="row">
        <Status tone={toneOf(error)}>{error ?? 'acknowledged'}</Status>
        {status !== undefined && <span>HTTP {status}</span>}
      </span>
    ),
  },
  { header: 'Answer', cell: ({ answer }) => (answer ? <pre>{answer}</pre> : '–') },
]
