import type { HookRegistration, RegisteredHook } from '@tract/contract'
import { eventCatalogue } from '@tract/contract/events'
import { type FormEvent, useState } from 'react'
import { call } from '../../../api/call.js'
import { CallError } from '../../../api/call-error.js'
import { useAction } from '../../../api/use-action.js'
import { Button } from '../../../components/button.js'
import { Dialog } from '../../../components/dialog.js'
import { SelectField, TextField } from '../../../components/field.js'
import { Problem } from '../../../components/problem.js'
import { SecretOnce } from './secret-once.js'

interface RegisterDialogProps {
  actFor: string
  onRegistered: () => void
  onClose: () => void
}

const CHOICES = eventCatalogue.map(({ type, subtype }) => {
  const value = `${type}/${subtype}`
  return { value, label: value }
})

/** Registers a hook, or moves one that is there to another URL. */
export function RegisterDialog({ actFor, onRegistered, onClose }: RegisterDialogProps) {
  const [name, setName] = useState('message/receive')
  const [url, setUrl] = useState('')
  const [registered, setRegistered] = useState<RegisteredHook>()
  const { run, busy, error } = useAction(async () => {
    const [category, subcategory] = name.split('/')
    const body = { category, subcategory, url: url.trim() } as HookRegistration
    setRegistered(await call('registerHook', { body }, { actFor }))
    onRegistered()
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    void run()
  }
  if (registered) {
    return (
      <Dialog open onClose={onClose} title={`${registered.category}/${registered.subcategory} is registered`}>
        {registered.signing_secret === undefined ? (
          <p>It was there: its URL has changed, and its secret has not.</p>
        ) : (
          <SecretOnce secret={registered.signing_secret} />
        )}
        <Button onClick={onClose}>Close</Button>
      </Dialog>
    )
  }
  const refusedUrl = error instanceof CallError ? error.issues.find(({ path }) => path === '/url') : undefined
  return (
    <Dialog open onClose={onClose} title="Register a hook">
      <form className="stack" onSubmit={submit}>
        <SelectField
          label="Hook"
          hint={eventCatalogue.find(({ type, subtype }) => `${type}/${subtype}` === name)?.description}
          value={name}
          onChange={setName}
          choices={CHOICES}
        />
        <TextField
          label="URL"
          type="url"
          required
          maxLength={2048}
          placeholder="https://desk.example.com/tract"
          hint="https, on a public address."
          error={refusedUrl && `It ${refusedUrl.message}.`}
          value={url}
          onChange={setUrl}
        />
        <Problem error={error} />
        <div className="row">
          <Button type="submit" tone="primary" busy={busy}>
            Register
          </Button>
          <Button onClick={onClose}>Cancel</Button>
        </div>
      </form>
    </Dialog>
  )
}
