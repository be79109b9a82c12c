import type { Listener } from '@tract/contract'
import { useState } from 'react'
import { call } from '../../../api/call.js'
import { Button } from '../../../components/button.js'
import { ConfirmDialog } from '../../../components/confirm-dialog.js'
import { Fact, Facts } from '../../../components/facts.js'
import { ListenerDialog } from './listener-dialog.js'
import { KINDS } from './listener-draft.js'

interface ListenerSettingsProps {
  listener: Listener
  onChanged: () => void
}

/** What a listener is set to, and the switch that takes it out. */
export function ListenerSettings({ listener, onChanged }: ListenerSettingsProps) {
  const [asked, setAsked] = useState<'edit' | 'switch'>()
  const { organisation_id, listener_id, name, kind, enabled, hours } = listener
  const close = () => setAsked(undefined)
  return (
    <section className="card stack" aria-labelledby="settings">
      <h2 id="settings">Settings</h2>
      <Facts>
        <Fact name="Name">{name}</Fact>
        <Fact name="Kind">{KINDS[kind].label}</Fact>
        <Fact name="Hears threads of others">{listener.standby ? 'yes' : 'no'}</Fact>
        <Fact name="Primary">{listener.is_primary ? 'yes' : 'no'}</Fact>
        <Fact name="May take control">{listener.is_primary || listener.may_take ? 'yes' : 'no'}</Fact>
        <Fact name="May pass to">{listener.may_pass_to === 'any' ? 'any' : 'default or primary'}</Fact>
        <Fact name="Opening hours">{hours ? hours.time_zone : 'none'}</Fact>
      </Facts>
      <div className="row">
        <Button onClick={() => setAsked('edit')}>Edit…</Button>
        <Button tone={enabled ? 'danger' : 'plain'} onClick={() => setAsked('switch')}>
          {enabled ? 'Disable…' : 'Enable…'}
        </Button>
      </div>
      {asked === 'edit' && (
        <ListenerDialog organisationId={organisation_id} of={listener} onDone={onChanged} onClose={close} />
      )}
      {asked === 'switch' && (
        <ConfirmDialog
          title={`${enabled ? 'Disable' : 'Enable'} ${listener_id}?`}
          action={enabled ? 'Disable' : 'Enable'}
          tone={enabled ? 'danger' : 'primary'}
          perform={async () => {
            await call('updateListener', { body: { organisation_id, listener_id, enabled: !enabled } })
            onChanged()
          }}
          onClose={close}
        >
          <p>
            {enabled
              ? 'Its threads go back to the default, its tokens are refused within seconds, and what is on its way waits until it is enabled again.'
              : 'It gets tokens again, and what waits for it.'}
          </p>
        </ConfirmDialog>
      )}
    </section>
  )
}
