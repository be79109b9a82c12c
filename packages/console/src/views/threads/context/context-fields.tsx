import { Field, SelectField, TextField } from '../../../components/field.js'
import type { ContextDraft } from './context-draft.js'
import './context.css'

const PRIORITIES = [
  { value: '', label: 'not said' },
  ...['low', 'normal', 'high', 'urgent'].map((value) => ({ value, label: value })),
]

interface ContextFieldsProps {
  draft: ContextDraft
  onChange: (draft: ContextDraft) => void
}

/** What the next listener should know of the case. All of it may be left out; what is seldom said is folded away. */
export function ContextFields({ draft, onChange }: ContextFieldsProps) {
  const set = (name: keyof ContextDraft) => (value: string) => onChange({ ...draft, [name]: value })
  return (
    <>
      <TextField
        label="Reason"
        hint="In a word that a program reads, such as billing."
        maxLength={128}
        value={draft.reason}
        onChange={set('reason')}
      />
      <Field label="Summary" hint="What happened so far, for the person who goes on.">
        {(control) => (
          <textarea
            {...control}
            rows={3}
            maxLength={4096}
            value={draft.summary}
            onChange={(event) => set('summary')(event.target.value)}
          />
        )}
      </Field>
      <div className="context-pair">
        <TextField label="Team" maxLength={128} value={draft.team} onChange={set('team')} />
        <SelectField label="Priority" value={draft.priority} onChange={set('priority')} choices={PRIORITIES} />
      </div>
      <details className="stack">
        <summary>Language and skills</summary>
        <div className="context-pair">
          <TextField
            label="Language"
            hint="As BCP 47 has it, such as en-IN."
            maxLength={35}
            value={draft.language}
            onChange={set('language')}
          />
          <TextField label="Skills" hint="Separated by commas." value={draft.skills} onChange={set('skills')} />
        </div>
      </details>
    </>
  )
}
