import type { Listener, Organisation } from '@tract/contract'
import { useState } from 'react'
import { call } from '../../api/call.js'
import { Button } from '../../components/button.js'
import { ConfirmDialog } from '../../components/confirm-dialog.js'

interface SwitchOrganisationProps {
  organisation: Organisation
  listeners: readonly Listener[]
  onSwitched: () => void
}

/** An organisation is off when none of its listeners is enabled: nothing gets in, and nothing goes out. */
export function SwitchOrganisation({ organisation, listeners, onSwitched }: SwitchOrganisationProps) {
  const [asked, setAsked] = useState(false)
  const enabled = listeners.filter((listener) => listener.enabled)
  const isOn = enabled.length > 0
  const switched = isOn ? enabled : listeners
  const perform = async () => {
    try {
      for (const { organisation_id, listener_id } of switched)
        await call('updateListener', { body: { organisation_id, listener_id, enabled: !isOn } })
    } finally {
      onSwitched()
    }
  }
  if (listeners.length === 0) return null
  const names = switched.map(({ listener_id }) => listener_id).join(', ')
  return (
    <section className="card stack" aria-labelledby="switch">
      <h2 id="switch">{isOn ? 'Disable the organisation' : 'The organisation is disabled'}</h2>
      <p>
        {isOn
          ? 'Its listeners hear nothing, hold no control and get no token. What is on its way waits until they are enabled again.'
          : 'None of its listeners is enabled. What was on its way waits for them.'}
      </p>
      <div>
        <Button tone={isOn ? 'danger' : 'plain'} onClick={() => setAsked(true)}>
          {isOn ? 'Disable…' : 'Enable…'}
        </Button>
      </div>
      {asked && (
        <ConfirmDialog
          title={isOn ? `Disable ${organisation.name}?` : `Enable ${organisation.name}?`}
          action={isOn ? 'Disable' : 'Enable'}
          tone={isOn ? 'danger' : 'primary'}
          perform={perform}
          onClose={() => setAsked(false)}
        >
          <p>
            {isOn
              ? `These listeners are disabled, and tokens of theirs are refused within seconds: ${names}. Nothing is deleted.`
              : `These listeners are enabled, and get what waits for them: ${names}.`}
          </p>
        </ConfirmDialog>
      )}
    </section>
  )
}
