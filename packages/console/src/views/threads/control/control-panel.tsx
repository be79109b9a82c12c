import type { ThreadAction, ThreadDetails } from '@tract/contract'
import { useState } from 'react'
import { useAction } from '../../../api/use-action.js'
import { Button } from '../../../components/button.js'
import { Problem } from '../../../components/problem.js'
import { actionKey, actionLabel, perform } from './perform-action.js'
import { StateDiagram } from './state-diagram.js'
import './control.css'

interface ControlPanelProps {
  thread: ThreadDetails
  organisationId: string
  onDone: () => void
}

/** The state machine as it stands, what each listener may do now, and why it may not do the rest. */
export function ControlPanel({ thread, organisationId, onDone }: ControlPanelProps) {
  const { state, owner, user_id, actions } = thread
  const [outcome, setOutcome] = useState('')
  const { run, busy, error } = useAction(async (action: ThreadAction) => {
    setOutcome('')
    setOutcome(await perform(action, organisationId, user_id))
    onDone()
  })
  const allowed = actions.filter((action) => action.allowed)
  const others = actions.filter((action) => !action.allowed)
  return (
    <section className="card control" aria-labelledby="thread-control">
      <h2 id="thread-control">Thread control</h2>
      <div className="control-columns">
        <StateDiagram state={state} owner={owner ?? undefined} />
        <div className="stack control-actions">
          <h3>Allowed now</h3>
          {allowed.length === 0 && <p className="hint">Nothing: nobody has a conversation to control.</p>}
          <ul className="row" aria-label="Allowed now">
            {allowed.map((action) => (
              <li key={actionKey(action)}>
                <Button onClick={() => run(action)} busy={busy}>
                  {actionLabel(action)}
                </Button>
              </li>
            ))}
          </ul>
          <p role="status">{outcome}</p>
          <Problem error={error} />
          {others.length > 0 && (
            <details>
              <summary>Not allowed now, and why: {others.length}</summary>
              <ul className="control-refusals">
                {others.map((action) => (
                  <li key={actionKey(action)}>
                    <strong>{actionLabel(action)}</strong> <code>{action.reason?.code}</code> {action.reason?.message}
                  </li>
                ))}
              </ul>
            </details>
          )}
        </div>
      </div>
    </section>
  )
}
