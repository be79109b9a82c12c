import type { ThreadAction } from '@tract/contract'
import { useState } from 'react'
import { useAction } from '../../../api/use-action.js'
import { Button } from '../../../components/button.js'
import { Problem } from '../../../components/problem.js'
import { PassDialog } from './pass-dialog.js'
import { actionKey, buttonLabel, perform, takesContext } from './perform-action.js'

interface ActionListProps {
  label: string
  actions: readonly ThreadAction[]
  organisationId: string
  userId: string
  onDone: () => void
}

/** Buttons for what may be done, and what came of it. One that takes a context asks for it first. */
export function ActionList({ label, actions, organisationId, userId, onDone }: ActionListProps) {
  const [said, setSaid] = useState('')
  const [opened, setOpened] = useState<ThreadAction>()
  const done = (outcome: string) => {
    setSaid(outcome)
    onDone()
  }
  const { run, busy, error, clear } = useAction(async (action: ThreadAction) => {
    setSaid('')
    done((await perform(action, organisationId, userId)).said)
  })
  const begin = (action: ThreadAction) => {
    if (!takesContext(action)) return void run(action)
    clear()
    setSaid('')
    setOpened(action)
  }
  return (
    <>
      {actions.length > 0 && (
        <ul className="row plain-list" aria-label={label}>
          {actions.map((action) => (
            <li key={actionKey(action)}>
              <Button onClick={() => begin(action)} busy={busy}>
                {buttonLabel(action)}
              </Button>
            </li>
          ))}
        </ul>
      )}
      <p role="status">{said}</p>
      <Problem error={error} />
      {opened && (
        <PassDialog
          action={opened}
          organisationId={organisationId}
          userId={userId}
          onClose={() => setOpened(undefined)}
          onDone={done}
        />
      )}
    </>
  )
}
