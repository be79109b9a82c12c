import { type FormEvent, useState } from 'react'
import type { Answer } from '../../api/call.js'
import { useAction } from '../../api/use-action.js'
import { Button } from '../../components/button.js'
import { Dialog } from '../../components/dialog.js'
import { TextField } from '../../components/field.js'
import { Problem } from '../../components/problem.js'
import { Secret } from '../../components/secret.js'
import { Status } from '../../components/status.js'
import { type AddedTool, addOwnTool, listenerIdOf, tryHook } from './own-tool.js'

interface OwnToolDialogProps {
  open: boolean
  onClose: () => void
  onAdded: () => void
}

/** One form, and a vendor's own tool takes part in the sandbox's conversations. */
export function OwnToolDialog({ open, onClose, onAdded }: OwnToolDialogProps) {
  const [name, setName] = useState('')
  const [url, setUrl] = useState('')
  const [added, setAdded] = useState<AddedTool>()
  const { run, busy, error, clear } = useAction(async () => {
    setAdded(await addOwnTool(name.trim(), url.trim()))
    onAdded()
  })
  const close = () => {
    setAdded(undefined)
    clear()
    onClose()
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    void run()
  }
  return (
    <Dialog
      open={open}
      onClose={close}
      title="Use my own tool"
      wide={added !== undefined}
      keep={busy || added !== undefined}
    >
      {added ? (
        <Added tool={added} name={name} onClose={close} />
      ) : (
        <form className="stack" onSubmit={submit}>
          <TextField
            label="Name"
            required
            maxLength={64}
            value={name}
            onChange={setName}
            error={name !== '' && listenerIdOf(name) === '' ? 'A name needs a letter or a digit.' : undefined}
          />
          <TextField
            label="Address of its hooks"
            type="url"
            required
            maxLength={2048}
            placeholder="https://chat.example.com/hooks"
            value={url}
            onChange={setUrl}
            hint="All its hooks go there. In development it may be on this machine: http://127.0.0.1:9000"
          />
          <Problem error={error} />
          <Button type="submit" tone="primary" busy={busy} disabled={listenerIdOf(name) === ''}>
            Add it
          </Button>
        </form>
      )}
    </Dialog>
  )
}

function Added({ tool, name, onClose }: { tool: AddedTool; name: string; onClose: () => void }) {
  const [result, setResult] = useState<Answer<'testHook'>>()
  const { run, busy, error } = useAction(async () => setResult(await tryHook(tool)))
  return (
    <div className="stack">
      <Secret
        title={`Keep this now: the secrets are not shown again. As a file, tract login --from reads it. All hooks are signed with the same secret. In the chat, “Talk to ${name}” passes the conversation to it.`}
        text={tool.credentials}
        file={`${tool.listenerId}.json`}
      />
      <p className="row">
        <Button onClick={run} busy={busy}>
          Try its hook
        </Button>
        <span role="status">{result && <Tried result={result} />}</span>
      </p>
      <Problem error={error} />
      <div className="row">
        <Button onClick={onClose}>I have kept it</Button>
      </div>
    </div>
  )
}

function Tried({ result }: { result: Answer<'testHook'> }) {
  if (result.acknowledged) return <Status tone="good">acknowledged</Status>
  return <Status tone="bad">{result.error ?? `answered ${result.status}`}</Status>
}
