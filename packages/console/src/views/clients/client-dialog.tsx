import type { Client, CreatedClient, Listener, Scope } from '@tract/contract'
import { useState } from 'react'
import { call } from '../../api/call.js'
import { useAction } from '../../api/use-action.js'
import { Button } from '../../components/button.js'
import { CheckField } from '../../components/check-field.js'
import { Dialog } from '../../components/dialog.js'
import { Field, SelectField, TextField } from '../../components/field.js'
import { Secret } from '../../components/secret.js'
import { errorsAt } from '../../forms/field-errors.js'
import { Form } from '../../forms/form.js'
import { keysOf } from './client-keys.js'
import { credentialsFile } from './credentials.js'
import { SCOPES, scopesFor } from './scopes.js'

interface ClientDialogProps {
  /** To choose from; none: the client is an operator's. */
  listeners: readonly Listener[]
  /** The one to change; else a new one is made. */
  client?: Client | undefined
  onDone: () => void
  onClose: () => void
}

const FIELDS = ['/name', '/scopes', '/jwks', '/listener_id']

/** Makes a client, whose secret is shown this once, or changes one. */
export function ClientDialog({ listeners, client, onDone, onClose }: ClientDialogProps) {
  const [listenerId, setListenerId] = useState(client?.listener_id ?? listeners[0]?.listener_id)
  const listener = listeners.find(({ listener_id }) => listener_id === listenerId)
  const allowed = scopesFor(listener?.kind)
  const [entered, setName] = useState(client?.name)
  const name = entered ?? listener?.name ?? ''
  const [dropped, setDropped] = useState<readonly Scope[]>(
    allowed.filter((scope) => client && !client.scopes.includes(scope)),
  )
  const [jwks, setJwks] = useState(client?.jwks ? JSON.stringify(client.jwks, null, 2) : '')
  const [created, setCreated] = useState<CreatedClient>()
  const [fault, setFault] = useState<string>()
  const scopes = allowed.filter((scope) => !dropped.includes(scope))
  const { run, busy, error } = useAction(async () => {
    const keys = keysOf(jwks)
    setFault(typeof keys === 'string' ? keys : undefined)
    if (typeof keys === 'string') return
    const body = { name: name.trim(), scopes, ...(keys && { jwks: keys }) }
    const owner = listener && { organisation_id: listener.organisation_id, listener_id: listener.listener_id }
    if (client) await call('updateClient', { body: { client_id: client.client_id, ...body } })
    else setCreated(await call('createClient', { body: { ...body, ...owner } }))
    onDone()
    if (client) onClose()
  })
  if (created) return <Created created={created} onClose={onClose} />
  const errorAt = errorsAt(error)
  const check = (scope: Scope) => ({
    checked: !dropped.includes(scope),
    onChange: (on: boolean) => setDropped(on ? dropped.filter((each) => each !== scope) : [...dropped, scope]),
  })
  return (
    <Dialog open onClose={onClose} title={client ? `Edit ${client.name}` : 'New client'} keep={busy}>
      <Form
        action={client ? 'Save' : 'Create'}
        busy={busy}
        error={error}
        fields={FIELDS}
        disabled={scopes.length === 0}
        onSubmit={() => run()}
        onCancel={onClose}
      >
        {listeners.length > 0 && !client && (
          <SelectField
            label="Listener"
            hint="Its tokens act as this listener, and reach this organisation alone."
            value={listenerId ?? ''}
            onChange={setListenerId}
            choices={listeners.map(({ listener_id, name }) => ({
              value: listener_id,
              label: `${name} (${listener_id})`,
            }))}
            error={errorAt('/listener_id')}
          />
        )}
        <TextField
          label="Name"
          hint="For people, such as the program or the team that uses it."
          required
          maxLength={128}
          value={name}
          onChange={setName}
          error={errorAt('/name')}
        />
        {allowed.length > 1 && (
          <fieldset className="stack field-group" aria-describedby="scopes-error">
            <legend>Its tokens may be used to</legend>
            {allowed.map((scope) => (
              <CheckField
                key={scope}
                label={
                  <>
                    {SCOPES[scope]} <code>{scope}</code>
                  </>
                }
                {...check(scope)}
              />
            ))}
            <p className="field-error" id="scopes-error">
              {errorAt('/scopes') ?? (scopes.length === 0 && 'One at least.')}
            </p>
          </fieldset>
        )}
        {(!client || client.jwks) && (
          <details open={client?.jwks !== undefined}>
            <summary>Keys of its own in place of a secret (private_key_jwt)</summary>
            <Field
              label="Public keys"
              hint="A JWKS. A client with keys gets no secret: it signs what it asks a token with."
              error={fault ?? errorAt('/jwks')}
            >
              {(control) => (
                <textarea
                  {...control}
                  rows={5}
                  spellCheck={false}
                  value={jwks}
                  onChange={(event) => setJwks(event.target.value)}
                />
              )}
            </Field>
          </details>
        )}
      </Form>
    </Dialog>
  )
}

function Created({ created: { client, client_secret }, onClose }: { created: CreatedClient; onClose: () => void }) {
  const { client_id, listener_id } = client
  return (
    <Dialog open onClose={onClose} title={`${client.name} is there`} keep>
      {client_secret === undefined ? (
        <Secret title="It asks for tokens with its own keys, under this id:" text={client_id} />
      ) : (
        <Secret
          title="The secret is shown this once. Keep it where the program reads it; as a file, tract login --from reads it, too:"
          text={credentialsFile(listener_id, { client_id, client_secret })}
          file={`${listener_id ?? 'operator'}.json`}
        />
      )}
      <Button tone="primary" onClick={onClose}>
        I have kept it
      </Button>
    </Dialog>
  )
}
