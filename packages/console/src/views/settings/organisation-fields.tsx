import type { Listener } from '@tract/contract'
import { Field, SelectField, TextField } from '../../components/field.js'
import { duration } from '../../time/time.js'
import type { OrganisationDraft } from './organisation-draft.js'

export const ORGANISATION_FIELDS = [
  '/name',
  '/default_listener',
  '/fallback_listener',
  '/on_request',
  '/unreachable_after',
  '/offer_within',
  '/allocate_within',
  '/idle_complete_after',
  '/history_messages',
  '/history_scope',
  '/returned_message',
]

export interface OrganisationFieldsProps {
  draft: OrganisationDraft
  onChange: (draft: OrganisationDraft) => void
  errorAt: (path: string) => string | undefined
}

export function NameField({ draft, onChange, errorAt }: OrganisationFieldsProps) {
  return (
    <TextField
      label="Name"
      hint="As people know it. It can be changed later."
      required
      maxLength={128}
      value={draft.name}
      onChange={(name) => onChange({ ...draft, name })}
      error={errorAt('/name')}
    />
  )
}

const ON_REQUEST = [
  { value: 'ask', label: 'The owner is asked' },
  { value: 'grant', label: 'It is granted' },
  { value: 'deny', label: 'It is denied' },
]
const SCOPES = [
  { value: 'conversation', label: 'Of the conversation that is passed' },
  { value: 'user', label: 'Of the user, other desks’ conversations too' },
]

/** How control moves. Each setting says what it does where it is set. */
export function ControlFields({ draft, onChange, errorAt }: OrganisationFieldsProps) {
  const field = (name: keyof OrganisationDraft) => ({
    value: draft[name],
    onChange: (value: string) => onChange({ ...draft, [name]: value }),
    error: errorAt(`/${name}`),
  })
  const message = field('returned_message')
  return (
    <div className="setting-grid">
      <SelectField
        label="When another listener asks for control"
        hint="What a request meets while a listener is in control of the thread."
        choices={ON_REQUEST}
        {...field('on_request')}
      />
      <Seconds
        label="An offer waits for"
        hint="How long a listener has to answer an offer of control that says nothing else."
        most={86_400}
        {...field('offer_within')}
      />
      <Seconds
        label="The owner may be unreachable for"
        hint="When deliveries to the listener in control fail for this long, control returns to the default listener."
        most={86_400}
        {...field('unreachable_after')}
      />
      <Seconds
        label="A desk allocates an agent within"
        hint="After this, control returns to the default listener. Empty: no limit."
        most={604_800}
        optional
        {...field('allocate_within')}
      />
      <Seconds
        label="A conversation ends without activity after"
        hint="It is then completed. The time does not run while a message of the user has not reached the owner."
        most={2_592_000}
        {...field('idle_complete_after')}
      />
      <TextField
        label="Messages that a desk gets at a pass"
        hint="The latest ones that it did not hear, 0 to 100."
        type="number"
        required
        min={0}
        max={100}
        step={1}
        {...field('history_messages')}
      />
      <SelectField
        label="Which messages these are"
        hint="A desk that reads those of the user reads what the user told other desks."
        choices={SCOPES}
        {...field('history_scope')}
      />
      <Field
        label="What the user is told when control returns"
        hint="Sent to the user when control goes back to the default listener. Empty: nothing."
        error={message.error}
      >
        {(control) => (
          <textarea
            {...control}
            rows={2}
            maxLength={4096}
            value={message.value}
            onChange={(event) => message.onChange(event.target.value)}
          />
        )}
      </Field>
    </div>
  )
}

interface SecondsProps {
  label: string
  hint: string
  most: number
  optional?: boolean
  value: string
  onChange: (value: string) => void
  error: string | undefined
}

/** Seconds, and what they come to. */
function Seconds({ label, hint, most, optional = false, value, ...field }: SecondsProps) {
  const seconds = Number(value)
  const said = value !== '' && seconds >= 60 ? ` Now: ${duration(seconds * 1000)}.` : ''
  return (
    <TextField
      label={`${label} (seconds)`}
      hint={`${hint}${said}`}
      type="number"
      required={!optional}
      min={1}
      max={most}
      step={1}
      value={value}
      {...field}
    />
  )
}

/** Who gets what is new, of the listeners that there are. */
export function DefaultFields(props: OrganisationFieldsProps & { listeners: readonly Listener[] }) {
  const { draft, onChange, errorAt, listeners } = props
  const named = (chosen: readonly Listener[]) =>
    chosen.map(({ listener_id, name, kind }) => ({ value: listener_id, label: `${name} (${kind})` }))
  const desks = listeners.filter(({ kind }) => kind === 'ect' || kind === 'sac')
  const able = listeners.filter(({ kind }) => kind !== 'md' && kind !== 'analytics')
  return (
    <div className="setting-grid">
      <SelectField
        label="Default listener"
        hint="Gets control of every new conversation, and of one that is returned."
        value={draft.default_listener}
        onChange={(default_listener) => onChange({ ...draft, default_listener })}
        error={errorAt('/default_listener')}
        choices={[{ value: '', label: 'The assistant, else the SAC, else the only ECT' }, ...named(able)]}
      />
      <SelectField
        label="Fallback listener"
        hint="A desk that gets the conversation when the default cannot be reached, unless the desk is closed."
        value={draft.fallback_listener}
        onChange={(fallback_listener) => onChange({ ...draft, fallback_listener })}
        error={errorAt('/fallback_listener')}
        choices={[{ value: '', label: 'None: it stays with the default' }, ...named(desks)]}
      />
    </div>
  )
}
