import type { Hook, HookRegistration, Listener } from '@tract/contract'
import { eventCatalogue } from '@tract/contract/events'
import { useState } from 'react'
import { useAction } from '../../../api/use-action.js'
import { Dialog } from '../../../components/dialog.js'
import { SelectField, TextField } from '../../../components/field.js'
import { errorsAt } from '../../../forms/field-errors.js'
import { Form } from '../../../forms/form.js'
import { nameOf, usualHooks } from './hook-sets.js'
import { type Registered, registerHooks } from './register-hooks.js'
import { RegisteredDialog } from './registered-dialog.js'
import { newSigningSecret } from './signing-secret.js'

interface RegisterDialogProps {
  listener: Listener
  /** Those that the listener has. */
  hooks: readonly Hook[]
  actFor: string
  onRegistered: () => void
  onClose: () => void
}

/** Names no hook: all the usual ones of the kind. */
const USUAL = 'usual'
const STREAM = 'tract:stream'

const CHOICES = eventCatalogue.map(({ type, subtype }) => ({
  value: `${type}/${subtype}`,
  label: `${type}/${subtype}`,
}))
const PLACES = [
  { value: 'url', label: 'It is posted to a URL' },
  { value: 'stream', label: 'It is fetched (a stream)' },
]

/** Registers a hook, or those that a listener of the kind usually has, or moves what is there to another URL. */
export function RegisterDialog({ listener, hooks, actFor, onRegistered, onClose }: RegisterDialogProps) {
  const usual = usualHooks(listener.kind)
  const [name, setName] = useState(hooks.length === 0 && usual.length > 1 ? USUAL : 'message/receive')
  const [place, setPlace] = useState('url')
  const [url, setUrl] = useState('')
  const [registered, setRegistered] = useState<Registered>()
  // those that are new share one secret; those that were there keep theirs
  const [there] = useState(hooks.map(nameOf))
  const [secret] = useState(newSigningSecret)
  const secretOf = (hook: string) => (there.includes(hook) ? undefined : secret)
  const [category, subcategory] = name.split('/')
  const wanted = name === USUAL ? usual : [{ category, subcategory } as HookRegistration]
  const to = place === 'stream' ? STREAM : url.trim()
  const { run, busy, error } = useAction(async () => {
    const left = registered?.failed.map(({ hook }) => hook) ?? wanted
    setRegistered(await registerHooks(left, { url: to, secretOf, actFor }, registered?.done))
    onRegistered()
  })
  if (registered)
    return (
      <RegisteredDialog
        registered={registered}
        fresh={registered.done.filter((hook) => secretOf(hook) !== undefined).length}
        secret={secret}
        busy={busy}
        onRetry={run}
        onClose={onClose}
      />
    )
  const about = eventCatalogue.find(({ type, subtype }) => `${type}/${subtype}` === name)?.description
  const names = wanted.map(nameOf)
  const moved = hooks.filter((hook) => names.includes(nameOf(hook)) && hook.url !== to)
  return (
    <Dialog open onClose={onClose} title={`Register a hook for ${listener.name}`} keep={busy}>
      <Form
        action="Register"
        busy={busy}
        error={error}
        fields={['/url', '/category', '/subcategory']}
        onSubmit={() => run()}
        onCancel={onClose}
      >
        <SelectField
          label="Hook"
          hint={about?.replaceAll('`', '') ?? `${usual.map(nameOf).join(', ')}.`}
          value={name}
          onChange={setName}
          choices={[
            ...(usual.length > 1
              ? [{ value: USUAL, label: `The ${usual.length} that a listener like this needs` }]
              : []),
            ...CHOICES,
          ]}
          error={errorsAt(error)('/subcategory') ?? errorsAt(error)('/category')}
        />
        <SelectField
          label="How it gets there"
          hint={
            place === 'stream'
              ? 'The receiver needs no address: it asks for what is sent, as tract listen does on a developer’s machine.'
              : undefined
          }
          value={place}
          onChange={setPlace}
          choices={PLACES}
        />
        {place === 'url' && (
          <TextField
            label="URL"
            type="url"
            required
            maxLength={2048}
            placeholder="https://desk.example.com/tract"
            hint="https on a public address, unless this service allows more."
            error={errorsAt(error)('/url')}
            value={url}
            onChange={setUrl}
          />
        )}
        {moved.length > 0 && <Moved hooks={moved} of={wanted.length} />}
      </Form>
    </Dialog>
  )
}

/** Registering what is there moves it. */
function Moved({ hooks, of }: { hooks: readonly Hook[]; of: number }) {
  const [only] = hooks
  if (only && of === 1)
    return (
      <p role="status">
        {nameOf(only)} is there already, at <code>{only.url}</code>. Its URL will change; its secret stays.
      </p>
    )
  return (
    <p role="status">
      {hooks.length} of these {of} {hooks.length === 1 ? 'is' : 'are'} there already: {hooks.map(nameOf).join(', ')}.
      Their URL will change; their secrets stay.
    </p>
  )
}
