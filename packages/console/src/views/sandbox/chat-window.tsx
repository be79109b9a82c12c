import type { DevicePlatform, Listener, TimelineEntry } from '@tract/contract'
import { text } from '@tract/contract/hsl'
import { useState } from 'react'
import { call } from '../../api/call.js'
import { useAction } from '../../api/use-action.js'
import { SelectField } from '../../components/field.js'
import { Problem } from '../../components/problem.js'
import { MessageForm } from './message-form.js'
import { MessageLog } from './message-log.js'
import { plainWords } from './plain-words.js'
import { ReasonList } from './reasons/reason-list.js'

const PLATFORMS: readonly DevicePlatform[] = ['WhatsApp', 'WebSDK', 'Facebook', 'Android', 'iOS', 'Webhook']

interface ChatWindowProps {
  organisationId: string
  /** The listener that brings what the user writes. */
  delivery: Listener
  userId: string
  entries: readonly TimelineEntry[]
  onSent: () => void
}

/** The user's device: what the user wrote, and what message delivery was given to show. */
export function ChatWindow({ organisationId, delivery, userId, entries, onSent }: ChatWindowProps) {
  const [platform, setPlatform] = useState<DevicePlatform>('WhatsApp')
  const id = delivery.listener_id
  const [again, setAgain] = useState<{ words: string }>()
  const actFor = `${organisationId}/${id}`
  const send = async (words: string, files: readonly string[] = []) => {
    const said = { user_id: userId, sender: 'ceu', message_body: text(words) } as const
    const user = { user_name: 'Test user', device_platform: platform }
    const attachments = files.length > 0 ? { attachments: files.map((id) => ({ id })) } : undefined
    await call('sendPlatformMessage', { body: { ...said, user, ...attachments } }, { actFor })
    onSent()
  }
  const reply = useAction((words: string) => send(words))
  const shown = entries.filter(({ message, deliveries }) => message?.sender === 'ceu' || hasArrived(id, deliveries))
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
      <ReasonList organisationId={organisationId} listener={delivery} entries={entries} />
      <MessageLog
        label="What the user sees"
        organisationId={organisationId}
        entries={shown}
        isOwn={({ message }) => message?.sender === 'ceu'}
        onReply={reply.busy ? undefined : (words) => void reply.run(words)}
        onAgain={({ message }) => setAgain({ words: plainWords(message?.message_body) ?? '' })}
        empty="Write something: say hello."
      />
      <Problem error={reply.error} />
      <MessageForm as="user" actFor={actFor} again={again} onSend={send} />
    </section>
  )
}

const hasArrived = (delivery: string, deliveries: TimelineEntry['deliveries']): boolean =>
  deliveries.some(
    ({ listener, state, category }) => listener === delivery && category === 'message' && state === 'delivered',
  )
