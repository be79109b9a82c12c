import type { DevicePlatform, TimelineEntry } from '@tract/contract'
import { text } from '@tract/contract/hsl'
import { SANDBOX_ORGANISATION_ID } from '@tract/contract/sandbox'
import { useState } from 'react'
import { call } from '../../api/call.js'
import { useAction } from '../../api/use-action.js'
import { SelectField } from '../../components/field.js'
import { Problem } from '../../components/problem.js'
import { MessageForm } from './message-form.js'
import { MessageLog } from './message-log.js'

const PLATFORMS: readonly DevicePlatform[] = ['WhatsApp', 'WebSDK', 'Facebook', 'Android', 'iOS', 'Webhook']
const DELIVERY = 'message_delivery'

interface ChatWindowProps {
  userId: string
  entries: readonly TimelineEntry[]
  onSent: () => void
}

/** The user's device: what the user wrote, and what message delivery was given to show. */
export function ChatWindow({ userId, entries, onSent }: ChatWindowProps) {
  const [platform, setPlatform] = useState<DevicePlatform>('WhatsApp')
  const { run, busy, error } = useAction(async (words: string) => {
    const said = { user_id: userId, sender: 'ceu', message_body: text(words) } as const
    const user = { user_name: 'Sandbox user', device_platform: platform }
    await call('sendPlatformMessage', { body: { ...said, user } }, { actFor: `${SANDBOX_ORGANISATION_ID}/${DELIVERY}` })
    onSent()
  })
  const shown = entries.filter(({ message, deliveries }) => message?.sender === 'ceu' || arrived(deliveries))
  return (
    <section className="sandbox-window" aria-label="The user’s chat">
      <header className="row">
        <h2>The user’s chat</h2>
        <SelectField
          label="Device platform"
          value={platform}
          onChange={(value) => setPlatform(value as DevicePlatform)}
          choices={PLATFORMS.map((value) => ({ value, label: value }))}
        />
      </header>
      <MessageLog
        label="What the user sees"
        entries={shown}
        isOwn={({ message }) => message?.sender === 'ceu'}
        onReply={busy ? undefined : (words) => void run(words)}
        empty="Say hello: the assistant answers."
      />
      <Problem error={error} />
      <MessageForm label="Write as the user" busy={busy} onSend={run} />
    </section>
  )
}

const arrived = (deliveries: TimelineEntry['deliveries']): boolean =>
  deliveries.some(
    ({ listener, state, category }) => listener === DELIVERY && category === 'message' && state === 'delivered',
  )
