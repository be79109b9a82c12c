import type { ThreadDetails } from '@tract/contract'
import { ActionList } from './action-list.js'
import { actionKey, actionLabel, mayBegin } from './perform-action.js'
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
  const allowed = actions.filter(mayBegin)
  const others = actions.filter((action) => !mayBegin(action))
  return (
    <section className="card control" aria-labelledby="thread-control">
      <h2 id="thread-control">Thread control</h2>
      <div className="control-columns">
        <StateDiagram state={state} owner={owner ?? undefined} />
        <div className="stack control-actions">
          <h3>Allowed now</h3>
          {allowed.length === 0 && <p className="hint">Nothing: nobody has a conversation to control.</p>}
          <ActionList
            label="Allowed now"
            actions={allowed}
            organisationId={organisationId}
            userId={user_id}
            onDone={onDone}
          />
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
