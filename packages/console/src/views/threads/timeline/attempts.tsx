import type { Attempt, TimelineDelivery } from '@tract/contract'
import { useAnswer } from '../../../api/use-answer.js'
import { Loading } from '../../../components/empty.js'
import { Problem } from '../../../components/problem.js'
import { type Column, Table } from '../../../components/table.js'
import { duration, Time } from '../../../time/time.js'

const COLUMNS: readonly Column<Attempt>[] = [
  { header: 'Attempt', cell: ({ number }) => number, numeric: true },
  { header: 'At', cell: ({ started_at }) => <Time value={started_at} exact /> },
  { header: 'Took', cell: ({ duration_ms }) => duration(duration_ms), numeric: true },
  { header: 'Answer', cell: ({ status, error }) => [status, error].filter((part) => part !== undefined).join(' ') },
  { header: 'Body', cell: ({ answer }) => answer && <pre>{answer}</pre> },
]

/** How a delivery went, attempt by attempt, as its own listener sees it. */
export function Attempts({ delivery, organisationId }: { delivery: TimelineDelivery; organisationId: string }) {
  const { id, listener, attempts, state } = delivery
  const actFor = `${organisationId}/${listener}`
  const { data, error, reload } = useAnswer('getDelivery', { body: { id } }, { actFor })
  if (error !== undefined) return <Problem error={error} onRetry={reload} />
  if (!data) return <Loading what="Loading the attempts" />
  if (data.attempts.length === 0) {
    const why = attempts > 0 || state !== 'pending' ? 'Its attempts are no longer kept.' : 'It was not tried yet.'
    return <p className="hint">{why}</p>
  }
  return (
    <Table
      caption={`Attempts at ${listener}`}
      columns={COLUMNS}
      rows={data.attempts}
      keyOf={({ number }) => String(number)}
    />
  )
}
