import type { ConversationOutcome, ConversationOwner, ConversationRating, OutcomeReason } from '@tract/contract'
import { Status, type Tone } from '../../../components/status.js'
import { Time } from '../../../time/time.js'
import { ContextFacts } from '../context/context-facts.js'

const TONE: Readonly<Record<OutcomeReason, Tone>> = {
  resolved: 'good',
  abandoned: 'warn',
  timeout: 'warn',
  transferred: 'info',
  spam: 'bad',
  other: 'idle',
}

/** Who was in control, one after the other, each with what came along. */
export function Owners({ owners }: { owners: readonly ConversationOwner[] }) {
  return (
    <ol className="plain-list conversation-parts">
      {owners.map(({ owner, from, to, context }) => (
        <li key={`${owner} ${from}`}>
          {owner}{' '}
          <span className="hint">
            <Time value={from} exact /> – {to ? <Time value={to} exact /> : 'now'}
          </span>
          {context && (
            <details>
              <summary>What {owner} was told</summary>
              <div className="conversation-parts">
                <ContextFacts context={context} />
              </div>
            </details>
          )}
        </li>
      ))}
    </ol>
  )
}

export function Outcome({ outcome }: { outcome: ConversationOutcome | undefined }) {
  if (!outcome) return '–'
  const { reason, note, tags = [], by } = outcome
  return (
    <div className="conversation-parts">
      <p className="row">
        {reason ? <Status tone={TONE[reason]}>{reason}</Status> : <Status tone="idle">ended</Status>}
        <span className="hint">by {by ?? 'TRACT'}</span>
      </p>
      <Words name="Note" text={note} />
      {tags.length > 0 && <p className="hint">Tags: {tags.join(', ')}</p>}
    </div>
  )
}

export function Rating({ rating }: { rating: ConversationRating | undefined }) {
  if (!rating) return '–'
  const { score, resolved, comment, rated_at } = rating
  return (
    <div className="conversation-parts">
      <p>
        {score} of 5{resolved !== undefined && (resolved ? ', solved' : ', not solved')}{' '}
        <span className="hint">
          <Time value={rated_at} exact />
        </span>
      </p>
      <Words name="Comment" text={comment} />
    </div>
  )
}

/** Longer ones are folded, so that a row stays a row. */
const SHORT = 200

function Words({ name, text }: { name: string; text: string | undefined }) {
  if (!text) return null
  if (text.length <= SHORT) return <p className="conversation-words">{text}</p>
  return (
    <details>
      <summary>{name}</summary>
      <p className="conversation-words">{text}</p>
    </details>
  )
}
