import type { ReceiverAvailability } from '@tract/contract'
import { type Column, Table } from '../../../components/table.js'
import { Time } from '../../../time/time.js'
import { AvailabilityStatus } from './availability-status.js'

const COLUMNS: readonly Column<ReceiverAvailability>[] = [
  { header: 'Of', cell: ({ team }) => team ?? 'the listener as a whole' },
  { header: 'Availability', cell: (availability) => <AvailabilityStatus availability={availability} /> },
  {
    header: 'Stands until',
    cell: ({ valid_until }) =>
      valid_until ? (
        <Time value={valid_until} exact />
      ) : (
        'it says nothing of itself: its opening hours count, and without any it is open'
      ),
  },
]

/** What a listener says of itself and of its teams. */
export function AvailabilityPanel({ parts }: { parts: readonly ReceiverAvailability[] }) {
  return (
    <section className="card stack" aria-labelledby="availability">
      <h2 id="availability">Availability</h2>
      <Table caption="Availability" columns={COLUMNS} rows={parts} keyOf={({ team }) => team ?? ''} />
    </section>
  )
}
