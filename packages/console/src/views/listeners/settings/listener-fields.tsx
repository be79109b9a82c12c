import type { ListenerKind } from '@tract/contract'
import { CheckField } from '../../../components/check-field.js'
import { SelectField, TextField } from '../../../components/field.js'
import { KINDS, type ListenerDraft, newListener } from './listener-draft.js'

export const LISTENER_FIELDS = [
  '/listener_id',
  '/kind',
  '/name',
  '/may_pass_to',
  '/create_user',
  '/hours/time_zone',
  '/hours/weekly',
  '/hours/exceptions',
]

export interface ListenerFieldsProps {
  draft: ListenerDraft
  onChange: (draft: ListenerDraft) => void
  errorAt: (path: string) => string | undefined
}

/** What stays once a listener is there: its kind and its id. */
export function IdentityFields({ draft, onChange, errorAt }: ListenerFieldsProps) {
  const isUsual = (name: 'id' | 'name', value: string) =>
    value === '' || Object.values(KINDS).some((kind) => kind[name] === value)
  const choose = (kind: ListenerKind) => {
    const usual = newListener(kind)
    const { listener_id, name } = draft
    onChange({
      ...draft,
      kind,
      is_primary: usual.is_primary,
      listener_id: isUsual('id', listener_id) ? usual.listener_id : listener_id,
      name: isUsual('name', name) ? usual.name : name,
    })
  }
  return (
    <>
      <SelectField
        label="Kind"
        hint={KINDS[draft.kind].hint}
        value={draft.kind}
        onChange={(kind) => choose(kind as ListenerKind)}
        choices={Object.entries(KINDS).map(([value, { label }]) => ({ value, label }))}
        error={errorAt('/kind')}
      />
      <TextField
        label="Id"
        hint="Short, for programs: letters, digits, dots, dashes. It names the listener in every call, and stays."
        required
        maxLength={128}
        pattern="[A-Za-z0-9][A-Za-z0-9._\-]*"
        title="A letter or a digit, then letters, digits, dots, dashes and underscores."
        value={draft.listener_id}
        onChange={(listener_id) => onChange({ ...draft, listener_id })}
        error={errorAt('/listener_id')}
      />
    </>
  )
}

export function ListenerNameField({ draft, onChange, errorAt }: ListenerFieldsProps) {
  return (
    <TextField
      label="Name"
      hint="For people."
      required
      maxLength={128}
      value={draft.name}
      onChange={(name) => onChange({ ...draft, name })}
      error={errorAt('/name')}
    />
  )
}

const PASS_TO = [
  { value: 'default_or_primary', label: 'The default, or a primary listener' },
  { value: 'any', label: 'Any listener' },
]
const CREATE_USER = [
  { value: 'once', label: 'Once for a user' },
  { value: 'per_conversation', label: 'In every conversation' },
]

/** What it may do, and what it hears. */
export function RightsFields({ draft, onChange, errorAt }: ListenerFieldsProps) {
  const check = (name: 'standby' | 'is_primary' | 'may_take') => ({
    checked: draft[name],
    onChange: (value: boolean) => onChange({ ...draft, [name]: value }),
  })
  return (
    <>
      <CheckField
        label="Hears threads that others control"
        hint="Else it hears a thread only while it is in control (standby)."
        {...check('standby')}
      />
      <CheckField
        label="Primary"
        hint="It may take control, and pass it from anywhere. An assistant and a SAC always may."
        {...check('is_primary')}
      />
      <CheckField label="May take control" hint="Without being primary." {...check('may_take')} />
      <div className="setting-grid">
        <SelectField
          label="May pass control to"
          hint="Counts for an external chat tool."
          value={draft.may_pass_to}
          onChange={(may_pass_to) => onChange({ ...draft, may_pass_to })}
          choices={PASS_TO}
          error={errorAt('/may_pass_to')}
        />
        <SelectField
          label="Is told of a user (create_user)"
          hint="In every conversation: for a tool that opens a case each time."
          value={draft.create_user}
          onChange={(create_user) => onChange({ ...draft, create_user })}
          choices={CREATE_USER}
          error={errorAt('/create_user')}
        />
      </div>
    </>
  )
}
