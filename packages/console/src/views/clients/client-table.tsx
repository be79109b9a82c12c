import type { Client, Listener } from '@tract/contract'
import { useState } from 'react'
import { call } from '../../api/call.js'
import { Button } from '../../components/button.js'
import { ConfirmDialog } from '../../components/confirm-dialog.js'
import { Name } from '../../components/name.js'
import { Status } from '../../components/status.js'
import { type Column, Table } from '../../components/table.js'
import { Time } from '../../time/time.js'
import { ClientDialog } from './client-dialog.js'
import { RotateClientDialog } from './rotate-client-dialog.js'
import { scopesFor } from './scopes.js'

interface ClientTableProps {
  caption: string
  clients: readonly Client[]
  listeners: readonly Listener[]
  onChanged: () => void
}

/** Clients, and what can be done about each. */
export function ClientTable({ caption, clients, listeners, onChanged }: ClientTableProps) {
  const ofListener = listeners.length > 0
  const columns: readonly Column<Client>[] = [
    {
      header: 'Client',
      cell: ({ name, client_id, jwks }) => (
        <>
          {name} {jwks && <span className="hint">with keys of its own</span>}
          <br />
          <code className="hint">{client_id}</code>
        </>
      ),
    },
    ...(ofListener ? [{ header: 'Listener', cell: ({ listener_id = '' }: Client) => <Name>{listener_id}</Name> }] : []),
    {
      header: 'Scopes',
      about: 'What its tokens may be used for.',
      cell: ({ scopes, listener_id }) => {
        const kind = listeners.find((listener) => listener.listener_id === listener_id)?.kind
        const isWhole = listener_id === undefined || scopes.length === scopesFor(kind).length
        return <span className="hint">{isWhole ? 'all' : scopes.join(', ')}</span>
      },
    },
    {
      header: 'Status',
      cell: ({ enabled }) => <Status tone={enabled ? 'good' : 'idle'}>{enabled ? 'enabled' : 'disabled'}</Status>,
    },
    { header: 'Created', cell: ({ created_at }) => <Time value={created_at} /> },
    {
      header: 'Actions',
      cell: (client) => <ClientActions client={client} listeners={listeners} onChanged={onChanged} />,
    },
  ]
  return <Table caption={caption} columns={columns} rows={clients} keyOf={({ client_id }) => client_id} />
}

interface ClientActionsProps {
  client: Client
  listeners: readonly Listener[]
  onChanged: () => void
}

function ClientActions({ client, listeners, onChanged }: ClientActionsProps) {
  const [asked, setAsked] = useState<'edit' | 'rotate' | 'switch'>()
  const { client_id, name, enabled, jwks } = client
  const close = () => setAsked(undefined)
  return (
    <div className="row">
      <Button onClick={() => setAsked('edit')} aria-label={`Edit ${name}`}>
        Edit…
      </Button>
      {!jwks && (
        <Button onClick={() => setAsked('rotate')} aria-label={`Rotate the secret of ${name}`}>
          Rotate…
        </Button>
      )}
      <Button
        tone={enabled ? 'danger' : 'plain'}
        onClick={() => setAsked('switch')}
        aria-label={`${enabled ? 'Disable' : 'Enable'} ${name}`}
      >
        {enabled ? 'Disable…' : 'Enable…'}
      </Button>
      {asked === 'edit' && (
        <ClientDialog
          client={client}
          listeners={listeners.filter(({ listener_id }) => listener_id === client.listener_id)}
          onDone={onChanged}
          onClose={close}
        />
      )}
      {asked === 'rotate' && <RotateClientDialog client={client} onClose={close} />}
      {asked === 'switch' && (
        <ConfirmDialog
          title={`${enabled ? 'Disable' : 'Enable'} ${name}?`}
          action={enabled ? 'Disable' : 'Enable'}
          tone={enabled ? 'danger' : 'primary'}
          perform={async () => {
            await call('updateClient', { body: { client_id, enabled: !enabled } })
            onChanged()
          }}
          onClose={close}
        >
          <p>
            {enabled
              ? 'It gets no token, and those that it has are refused within seconds.'
              : 'It gets tokens again, with the secret that it has.'}
          </p>
        </ConfirmDialog>
      )}
    </div>
  )
}
