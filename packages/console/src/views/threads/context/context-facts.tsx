import type { PassContext } from '@tract/contract'
import { toJson } from '@tract/contract/json'
import { Fact, Facts } from '../../../components/facts.js'
import { Status, type Tone } from '../../../components/status.js'
import './context.css'

const TONE: Readonly<Record<NonNullable<PassContext['priority']>, Tone>> = {
  low: 'idle',
  normal: 'info',
  high: 'warn',
  urgent: 'bad',
}

/** What came along with control. */
export function ContextFacts({ context }: { context: PassContext }) {
  const { reason, summary, team, skills, priority, language, custom } = context
  return (
    <>
      <Facts>
        {reason && <Fact name="Reason">{reason}</Fact>}
        {team && <Fact name="Team">{team}</Fact>}
        {priority && (
          <Fact name="Priority">
            <Status tone={TONE[priority]}>{priority}</Status>
          </Fact>
        )}
        {language && <Fact name="Language">{language}</Fact>}
        {skills && skills.length > 0 && <Fact name="Skills">{skills.join(', ')}</Fact>}
      </Facts>
      {summary && <p className="context-summary">{summary}</p>}
      {custom && (
        <details>
          <summary>What else was said</summary>
          <pre>{toJson(custom, 2)}</pre>
        </details>
      )}
    </>
  )
}
