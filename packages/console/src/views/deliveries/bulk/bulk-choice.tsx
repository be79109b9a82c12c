import type { Delivery, DeliveryFilter } from '@tract/contract'
import { useMemo, useState } from 'react'
import { Loading } from '../../../components/empty.js'
import { TextField } from '../../../components/field.js'
import { Problem } from '../../../components/problem.js'
import { Form } from '../../../forms/form.js'
import { type BulkAct, byHook, chosenOf, isBraked } from './bulk-acts.js'
import { BulkSample } from './bulk-sample.js'
import { type Found, useFound } from './use-found.js'

interface BulkChoiceProps {
  act: BulkAct
  filter: DeliveryFilter
  actFor: string
  onRun: (chosen: readonly Delivery[]) => void
  onClose: () => void
}

const counted = (count: number): string => `${count} ${count === 1 ? 'delivery' : 'deliveries'}`

const VERBS = { replay: 'Replay', retry: 'Retry', skip: 'Skip' } as const

/** What an act is about: how many, to which hooks, and the first of them. Many, or what may do harm, asks for the number. */
export function BulkChoice({ act, filter, actFor, onRun, onClose }: BulkChoiceProps) {
  const [entered, setEntered] = useState('')
  const found = useFound(filter, actFor)
  const chosen = useMemo(() => (found.settled ? chosenOf(act, found.deliveries) : []), [act, found])
  const count = chosen.length
  const isAsked = isBraked(act, count)
  return (
    <Form
      action={found.settled ? `${VERBS[act.how]} ${counted(count)}` : VERBS[act.how]}
      tone={act.warning === undefined ? 'primary' : 'danger'}
      busy={false}
      error={undefined}
      disabled={count === 0 || (isAsked && entered.trim() !== String(count))}
      onSubmit={() => onRun(chosen)}
      onCancel={onClose}
    >
      <Problem error={found.error} />
      {!found.settled && <Loading what={`Looking what that is: ${found.deliveries.length} so far`} />}
      {found.settled && found.error === undefined && <Summary {...{ act, chosen, found }} />}
      {count > 0 && <BulkSample how={act.how} chosen={chosen} actFor={actFor} />}
      {isAsked && (
        <TextField
          label="How many, to confirm"
          hint={
            <>
              Enter <code>{count}</code>
            </>
          }
          inputMode="numeric"
          value={entered}
          onChange={setEntered}
        />
      )}
    </Form>
  )
}

const SENTENCES = {
  replay: 'would be sent again, the oldest first, each as a copy at the end of its lane, marked as a replay.',
  retry:
    'would be tried now: of each user the first, which was tried without success. What waits behind it follows by itself.',
  skip: 'would end as cancelled, so that what comes after them goes on.',
} as const

function Summary({ act, chosen, found }: { act: BulkAct; chosen: readonly Delivery[]; found: Found }) {
  if (chosen.length === 0) return <p>The list finds none of these: there is nothing to do.</p>
  return (
    <>
      <p>
        {counted(chosen.length)} {SENTENCES[act.how]}
      </p>
      <ul className="row plain-list" aria-label="By hook">
        {byHook(chosen).map(([hook, count]) => (
          <li key={hook} className="status">
            {hook}: {count}
          </li>
        ))}
      </ul>
      {found.more && (
        <p className="hint">
          The list finds more: these are of its newest {found.deliveries.length}. Narrow it by time to begin with the
          oldest.
        </p>
      )}
    </>
  )
}
