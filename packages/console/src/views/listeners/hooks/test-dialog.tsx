import type { Hook, HookTestResult } from '@tract/contract'
import { useState } from 'react'
import { call } from '../../../api/call.js'
import { useAction } from '../../../api/use-action.js'
import { Button } from '../../../components/button.js'
import { Dialog } from '../../../components/dialog.js'
import { Fact, Facts } from '../../../components/facts.js'
import { Problem } from '../../../components/problem.js'
import { Status } from '../../../components/status.js'
import { duration } from '../../../time/time.js'

interface TestDialogProps {
  hook: Hook
  actFor: string
  onClose: () => void
}

/** Sends a signed sample, and shows what the receiver did with it. */
export function TestDialog({ hook, actFor, onClose }: TestDialogProps) {
  const [result, setResult] = useState<HookTestResult>()
  const { run, busy, error } = useAction(async () => {
    setResult(undefined)
    setResult(await call('testHook', { body: { id: hook.id } }, { actFor }))
  })
  return (
    <Dialog open onClose={onClose} title={`Test ${hook.category}/${hook.subcategory}`}>
      <p>
        A signed sample, of the user <code>tract-test</code>, goes to <code>{hook.url}</code>, past every lane.
      </p>
      <div role="status">{result && <Outcome result={result} />}</div>
      <Problem error={error} />
      <div className="row">
        <Button tone="primary" onClick={() => run()} busy={busy}>
          {result ? 'Send another' : 'Send the sample'}
        </Button>
        <Button onClick={onClose}>Close</Button>
      </div>
    </Dialog>
  )
}

function Outcome({
  result: { acknowledged, error, at_fault, status, duration_ms, answer },
}: {
  result: HookTestResult
}) {
  return (
    <div className="stack">
      <Facts>
        <Fact name="Outcome">
          <Status tone={acknowledged ? 'good' : 'bad'}>
            {acknowledged ? 'acknowledged' : (error ?? 'not acknowledged')}
          </Status>
        </Fact>
        {status !== undefined && <Fact name="Status">HTTP {status}</Fact>}
        {at_fault !== undefined && <Fact name="At fault">{at_fault}</Fact>}
        <Fact name="Took">{duration(duration_ms)}</Fact>
      </Facts>
      {answer && <pre>{answer}</pre>}
    </div>
  )
}
