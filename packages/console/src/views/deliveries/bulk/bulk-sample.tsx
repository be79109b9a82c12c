import type { Delivery } from '@tract/contract'
import { useAnswer } from '../../../api/use-answer.js'
import { Loading } from '../../../components/empty.js'
import { Problem } from '../../../components/problem.js'
import { Time } from '../../../time/time.js'
import { ReplayPreview } from '../replay/replay-preview.js'
import type { BulkAct } from './bulk-acts.js'

const SHOWN = 20

interface BulkSampleProps {
  how: BulkAct['how']
  chosen: readonly Delivery[]
  actFor: string
}

/** The first of what an act is about; of a replay, with what is posted. */
export function BulkSample({ how, chosen, actFor }: BulkSampleProps) {
  const first = chosen.slice(0, SHOWN)
  const ids = first.map(({ id }) => id)
  const { data, error } = useAnswer('previewReplay', how === 'replay' ? { body: { ids } } : undefined, { actFor })
  if (how === 'replay') {
    if (error !== undefined) return <Problem error={error} />
    return data ? <ReplayPreview preview={{ ...data, matched: chosen.length }} /> : <Loading what="Loading the first" />
  }
  return (
    <>
      {first.length < chosen.length && <p className="hint">The first {first.length} are:</p>}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a part that scrolls has to be reached by keyboard */}
      <ol className="preview" tabIndex={0} aria-label="The first of them">
        {first.map(({ id, category, subcategory, user_id, sequence, attempts, created_at }) => (
          <li key={id}>
            {category}/{subcategory} of {user_id}, number {sequence} in its lane, {attempts} attempts,{' '}
            <Time value={created_at} still />
          </li>
        ))}
      </ol>
    </>
  )
}
