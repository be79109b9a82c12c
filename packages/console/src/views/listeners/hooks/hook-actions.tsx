import type { Hook } from '@tract/contract'
import { useState } from 'react'
import { call } from '../../../api/call.js'
import { useAction } from '../../../api/use-action.js'
import { Button } from '../../../components/button.js'
import { ConfirmDialog } from '../../../components/confirm-dialog.js'
import { Problem } from '../../../components/problem.js'
import { PauseDialog } from './pause-dialog.js'
import { RotateDialog } from './rotate-dialog.js'
import { TestDialog } from './test-dialog.js'

interface HookActionsProps {
  hook: Hook
  actFor: string
  onChanged: () => void
}

type Asked = 'test' | 'pause' | 'rotate' | 'unregister'

export function HookActions({ hook, actFor, onChanged }: HookActionsProps) {
  const [asked, setAsked] = useState<Asked>()
  const { id, status } = hook
  const name = `${hook.category}/${hook.subcategory}`
  const close = () => setAsked(undefined)
  const resume = useAction(async () => {
    await call('enableHook', { body: { id } }, { actFor })
    onChanged()
  })
  return (
    <>
      <div className="row">
        <Button onClick={() => setAsked('test')} aria-label={`Test ${name}`}>
          Test…
        </Button>
        {status === 'active' ? (
          <Button onClick={() => setAsked('pause')} aria-label={`Pause ${name}`}>
            Pause…
          </Button>
        ) : (
          <Button onClick={() => resume.run()} busy={resume.busy} aria-label={`Resume ${name}`}>
            Resume
          </Button>
        )}
        <Button onClick={() => setAsked('rotate')} aria-label={`Rotate the secret of ${name}`}>
          Rotate…
        </Button>
        <Button tone="danger" onClick={() => setAsked('unregister')} aria-label={`Unregister ${name}`}>
          Unregister…
        </Button>
      </div>
      <Problem error={resume.error} />
      {asked === 'test' && <TestDialog hook={hook} actFor={actFor} onClose={close} />}
      {asked === 'pause' && <PauseDialog hook={hook} actFor={actFor} onPaused={onChanged} onClose={close} />}
      {asked === 'rotate' && <RotateDialog hook={hook} actFor={actFor} onRotated={onChanged} onClose={close} />}
      {asked === 'unregister' && (
        <ConfirmDialog
          title={`Unregister ${name}?`}
          action="Unregister"
          perform={async () => {
            await call('unregisterHook', { body: { id } }, { actFor })
            onChanged()
          }}
          onClose={close}
        >
          <p>What is on its way to this hook ends as cancelled, and nothing more of {name} is sent.</p>
        </ConfirmDialog>
      )}
    </>
  )
}
