import type { HslForm, HslFormField } from '@tract/contract'
import { type FormEvent, useState } from 'react'
import { Button } from '../components/button.js'
import { SelectField, TextField } from '../components/field.js'

interface FormProps {
  element: HslForm
  onReply?: ((message: string) => void) | undefined
}

/** The browser's own control for a kind of field. */
const INPUT_TYPES: Readonly<Record<string, string>> = {
  date: 'date',
  startdate: 'date',
  enddate: 'date',
  dob: 'date',
  time: 'time',
}

/** A form to fill in. What was entered is said as text, a line for each field: channels know no other way. */
export function Form({ element, onReply }: FormProps) {
  const [values, setValues] = useState<Readonly<Record<string, string>>>({})
  const [sent, setSent] = useState(false)
  const fields = element.data.fields.toSorted((one, other) => one.order - other.order)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    onReply?.(filledIn(fields, values))
    setSent(true)
  }
  return (
    <form className="hsl hsl-form" onSubmit={submit}>
      <p className="hsl-card-title">{element.title}</p>
      {element.subtitle && <p className="hint">{element.subtitle}</p>}
      {fields.map((field, index) => (
        <FormField
          // biome-ignore lint/suspicious/noArrayIndexKey: what was sent never changes
          key={index}
          field={field}
          disabled={sent || onReply === undefined}
          value={values[field.key] ?? ''}
          onChange={(value) => setValues((before) => ({ ...before, [field.key]: value }))}
        />
      ))}
      <Button type="submit" disabled={sent || onReply === undefined}>
        {sent ? 'Sent' : 'Send form'}
      </Button>
    </form>
  )
}

interface FormFieldProps {
  field: HslFormField
  disabled: boolean
  value: string
  onChange: (value: string) => void
}

function FormField({ field, ...control }: FormFieldProps) {
  const label = labelOf(field)
  const options = (field.options ?? []).filter((option) => typeof option === 'string')
  if (options.length === 0) {
    return <TextField label={label} type={INPUT_TYPES[field.type] ?? 'text'} required {...control} />
  }
  const choices = [{ value: '', label: 'Choose' }, ...options.map((value) => ({ value, label: value }))]
  return <SelectField label={label} choices={choices} required {...control} />
}

const labelOf = ({ hint, key }: HslFormField): string => hint || key

function filledIn(fields: readonly HslFormField[], values: Readonly<Record<string, string>>): string {
  return fields.map((field) => `${labelOf(field)}: ${values[field.key] ?? ''}`).join('\n')
}
