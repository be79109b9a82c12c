import type { OverviewMinute } from '@tract/contract'
import { type Column, Table } from '../../../components/table.js'
import { Time } from '../../../time/time.js'

const COLUMNS: readonly Column<OverviewMinute>[] = [
  { header: 'Minute', cell: ({ at }) => <Time value={at} exact /> },
  { header: 'Accepted', cell: ({ accepted }) => accepted, numeric: true },
  { header: 'Delivered', cell: ({ delivered }) => delivered, numeric: true },
  { header: 'Failed attempts', cell: ({ failed }) => failed, numeric: true },
]

/** The same as the chart in figures, the latest first. */
export function MinuteTable({ minutes }: { minutes: readonly OverviewMinute[] }) {
  const busy = minutes.filter(({ accepted, delivered, failed }) => accepted + delivered + failed > 0).reverse()
  if (busy.length === 0) return <p className="hint">Nothing happened in the last hour.</p>
  return (
    <details>
      <summary>In figures</summary>
      <Table caption="Deliveries a minute, the latest first" columns={COLUMNS} rows={busy} keyOf={({ at }) => at} />
    </details>
  )
}
