import type { Hook, Listener } from '@tract/contract'
import { useState } from 'react'
import { Button } from '../../../components/button.js'
import { Empty } from '../../../components/empty.js'
import { Name } from '../../../components/name.js'
import { Status } from '../../../components/status.js'
import { type Column, Table } from '../../../components/table.js'
import { HookActions } from './hook-actions.js'
import { RegisterDialog } from './register-dialog.js'

interface HookSectionProps {
  listener: Listener
  hooks: readonly Hook[]
  actFor: string
  onChanged: () => void
}

/** A listener's hooks: where each category goes, and what can be done about it. */
export function HookSection({ listener, hooks, actFor, onChanged }: HookSectionProps) {
  const [registering, setRegistering] = useState(false)
  const columns: readonly Column<Hook>[] = [
    {
      header: 'Hook',
      cell: ({ category, subcategory }) => <Name>{`${category}/${subcategory}`}</Name>,
    },
    { header: 'URL', cell: (hook) => <HookUrl {...hook} /> },
    {
      header: 'Status',
      cell: ({ status, disabled_reason }) => (
        <>
          <Status tone={status === 'active' ? 'good' : 'warn'}>{status === 'active' ? 'active' : 'paused'}</Status>{' '}
          {disabled_reason && <span className="hint">{disabled_reason}</span>}
        </>
      ),
    },
    { header: 'Actions', cell: (hook) => <HookActions hook={hook} actFor={actFor} onChanged={onChanged} /> },
  ]
  return (
    <section className="stack" aria-labelledby="hooks">
      <div className="row">
        <h2 id="hooks">Hooks</h2>
        <Button onClick={() => setRegistering(true)}>Register…</Button>
      </div>
      {hooks.length === 0 ? (
        <Empty title="It has no hook, so it hears nothing." />
      ) : (
        <Table caption="Hooks" columns={columns} rows={hooks} keyOf={({ id }) => id} />
      )}
      {registering && (
        <RegisterDialog
          listener={listener}
          hooks={hooks}
          actFor={actFor}
          onRegistered={onChanged}
          onClose={() => setRegistering(false)}
        />
      )}
    </section>
  )
}

/** Where a hook is called; at a stream also where it goes back to. */
function HookUrl({ url, former_url }: Hook) {
  return (
    <>
      <code>{url}</code>
      {url === 'tract:stream' && <span className="hint"> fetched by its receiver, as tract listen does</span>}
      {former_url !== undefined && (
        <span className="hint">
          {' '}
          goes back to <code>{former_url}</code>
        </span>
      )}
    </>
  )
}
