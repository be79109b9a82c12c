import type { HslElement, Listener, ThreadDetails, TimelineEntry } from '@tract/contract'
import { text } from '@tract/contract/hsl'
import { toJson } from '@tract/contract/json'
import { useState } from 'react'
import { call } from '../../api/call.js'
import { Button } from '../../components/button.js'
import { SelectField } from '../../components/field.js'
import { ComposeDialog } from '../../hsl/compose-dialog.js'
import { ActionList } from '../threads/control/action-list.js'
import { mayBegin } from '../threads/control/perform-action.js'
import { ConversationStatus } from '../threads/conversation-status.js'
import { InItsPlace } from './in-its-place.js'
import { MessageForm } from './message-form.js'
import { MessageLog } from './message-log.js'
import { plainWords } from './plain-words.js'
import { ReasonList } from './reasons/reason-list.js'

/** Whom a person plays here: the agent that the sandbox's desk allocates. */
const AGENT = { id: 'ravi', name: 'Ravi' }

interface DeskWindowProps {
  organisationId: string
  userId: string
  desks: readonly Listener[]
  desk: Listener
  onChoose: (listenerId: string) => void
  entries: readonly TimelineEntry[]
  /** Undefined: nothing has been said yet. */
  thread: ThreadDetails | undefined
  onDone: () => void
  /** Who has a new conversation, where one is there. */
  assistant: Listener | undefined
}

/** The agent's side: what the desk was given, and what its agent may do. */
export function DeskWindow({
  organisationId,
  userId,
  desks,
  desk,
  onChoose,
  entries,
  thread,
  onDone,
  assistant,
}: DeskWindowProps) {
  const [composing, setComposing] = useState(false)
  /** What is composed again, with a new key each time. */
  const [start, setStart] = useState<{ key: number; json: string }>({ key: 0, json: '' })
  const [again, setAgain] = useState<{ words: string }>()
  const id = desk.listener_id
  const actFor = `${organisationId}/${id}`
  const send = async (element: HslElement, files: readonly string[] = []) => {
    const said = { user_id: userId, sender: 'aeu', message_body: JSON.stringify(element) } as const
    const attachments = files.length > 0 ? { attachments: files.map((id) => ({ id })) } : undefined
    await call('sendMessage', { body: { ...said, agent: AGENT, ...attachments } }, { actFor })
    onDone()
  }
  const sendAgain = ({ message }: TimelineEntry) => {
    const words = plainWords(message?.message_body)
    if (words !== undefined) return setAgain({ words })
    setStart(({ key }) => ({ key: key + 1, json: toJson(message?.message_body, 2) }))
    setComposing(true)
  }
  const compose = () => {
    setStart(({ key }) => ({ key: key + 1, json: '' }))
    setComposing(true)
  }
  const inControl = thread?.owner === id
  const actions = (thread?.actions ?? []).filter((action) => action.listener === id && mayBegin(action))
  return (
    <section className="sandbox-window" aria-label="The agent’s desk">
      <header className="row">
        <h2>The agent’s desk</h2>
        <SelectField
          label="Desk"
          value={id}
          onChange={onChoose}
          choices={desks.map(({ listener_id, name }) => ({ value: listener_id, label: name }))}
        />
      </header>
      {thread && (
        <p className="row">
          <ConversationStatus state={thread.state} />
          <span>{inControl ? 'in control' : `${thread.owner ?? 'nobody'} is in control`}</span>
        </p>
      )}
      <ReasonList key={id} organisationId={organisationId} listener={desk} entries={entries} />
      {assistant && thread?.owner === assistant.listener_id && (
        <InItsPlace
          assistant={assistant}
          passes={thread.actions.filter(({ action, receiver }) => action === 'pass' && receiver === id)}
          organisationId={organisationId}
          userId={userId}
          onDone={onDone}
        />
      )}
      <MessageLog
        label="What the desk was given"
        organisationId={organisationId}
        entries={entries.filter((entry) => entry.listener === id || isKnownTo(id, entry))}
        isOwn={({ listener }) => listener === id}
        onAgain={sendAgain}
        empty="Nothing has come yet."
      />
      <ActionList
        label="What the desk may do"
        actions={actions}
        organisationId={organisationId}
        userId={userId}
        onDone={onDone}
      />
      <MessageForm
        as="agent"
        actFor={actFor}
        disabled={!inControl}
        again={again}
        onSend={(words, files) => send(text(words), files)}
      >
        <Button onClick={compose} disabled={!inControl}>
          Compose
        </Button>
      </MessageForm>
      <ComposeDialog
        key={start.key}
        start={start.json}
        open={composing}
        onClose={() => setComposing(false)}
        onSend={send}
      />
    </section>
  )
}

const isKnownTo = (id: string, { deliveries }: TimelineEntry): boolean =>
  deliveries.some(({ listener, state }) => listener === id && state === 'delivered')
