import type { TimelineDelivery, TimelineEntry } from '@tract/contract'
import { toJson } from '@tract/contract/json'
import { useState } from 'react'
import { Button } from '../../../components/button.js'
import { Dialog } from '../../../components/dialog.js'
import { Status } from '../../../components/status.js'
import { type Column, Table } from '../../../components/table.js'
import { Attachments } from '../../../files/attachments.js'
import { Time } from '../../../time/time.js'
import { Attempts } from './attempts.js'
import { DELIVERY_TONE } from './delivery-mark.js'
import { parsed } from './entry-text.js'
import { Who } from './who.js'

interface EntryDialogProps {
  entry: TimelineEntry
  organisationId: string
  onClose: () => void
}

/** The whole of an entry, and each of its deliveries down to the attempts. */
export function EntryDialog({ entry, organisationId, onClose }: EntryDialogProps) {
  const [opened, setOpened] = useState<string>()
  const delivery = entry.deliveries.find(({ id }) => id === opened)
  const columns: readonly Column<TimelineDelivery>[] = [
    { header: 'Listener', cell: ({ listener }) => listener },
    { header: 'Hook', cell: ({ category, subcategory }) => `${category}/${subcategory}` },
    { header: 'In its lane', cell: ({ sequence }) => sequence, numeric: true },
    { header: 'State', cell: ({ state }) => <Status tone={DELIVERY_TONE[state]}>{state}</Status> },
    { header: 'Attempts', cell: ({ attempts }) => attempts, numeric: true },
    {
      header: 'Details',
      cell: ({ id, listener }) => (
        <Button
          onClick={() => setOpened(id === opened ? undefined : id)}
          aria-expanded={id === opened}
          aria-label={`Attempts at ${listener}`}
        >
          {id === opened ? 'Hide' : 'Attempts'}
        </Button>
      ),
    },
  ]
  return (
    <Dialog open onClose={onClose} title={titleOf(entry)} wide>
      <p className="row hint">
        <span>
          <Who entry={entry} />
        </span>{' '}
        <Time value={entry.timestamp} exact />
      </p>
      <pre>{contentOf(entry)}</pre>
      {entry.message && <Corrections message={entry.message} />}
      <Attachments entry={entry} organisationId={organisationId} />
      {entry.deliveries.length === 0 ? (
        <p className="hint">Nobody heard of it.</p>
      ) : (
        <Table caption="Deliveries" columns={columns} rows={entry.deliveries} keyOf={({ id }) => id} />
      )}
      {delivery && (
        <Attempts
          key={`${delivery.id} ${delivery.attempts} ${delivery.state}`}
          delivery={delivery}
          organisationId={organisationId}
        />
      )}
    </Dialog>
  )
}

/** What its author did to a message after it was sent. */
function Corrections({ message }: { message: NonNullable<TimelineEntry['message']> }) {
  const { edited_at: edited, original_body: original, deleted_at: deleted } = message
  return (
    <>
      {deleted && (
        <p className="hint">
          Deleted by its author <Time value={deleted} exact />
        </p>
      )}
      {edited && (
        <p className="hint">
          Edited by its author <Time value={edited} exact />
          {original && '; it said at first:'}
        </p>
      )}
      {original && <pre>{toJson(original, 2)}</pre>}
    </>
  )
}

const titleOf = ({ message, event }: TimelineEntry): string =>
  message ? `Message ${message.message_id}` : `${event?.type} · ${event?.subtype}`

function contentOf({ message, event }: TimelineEntry): string {
  if (message) return toJson(message.message_body, 2)
  const metadata = parsed(event?.metadata)
  return typeof metadata === 'string' ? metadata : toJson(metadata ?? {}, 2)
}
