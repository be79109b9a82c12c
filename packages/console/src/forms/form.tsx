import { type FormEvent, type ReactNode, useEffect, useRef } from 'react'
import { Button } from '../components/button.js'
import { Problem } from '../components/problem.js'
import './form.css'
import { type FieldsOfCodes, isAtFields } from './field-errors.js'

interface FormProps {
  /** What the button says. */
  action: string
  busy: boolean
  error: unknown
  /** Fields that show what is wrong with them, as `/name`. */
  fields?: readonly string[]
  /** Codes of refusals that are about one field. */
  codes?: FieldsOfCodes
  disabled?: boolean
  tone?: 'primary' | 'danger'
  onSubmit: () => void
  onCancel?: () => void
  children: ReactNode
}

/** Fields, and a button that sends them once. A refusal is shown at its field, which gets the focus; any other above the button. */
export function Form(props: FormProps) {
  const {
    action,
    busy,
    error,
    fields = [],
    codes,
    disabled = false,
    tone = 'primary',
    onSubmit,
    onCancel,
    children,
  } = props
  const form = useRef<HTMLFormElement>(null)
  const atFields = isAtFields(error, fields, codes)
  useEffect(() => {
    if (!atFields || error === undefined) return
    const wrong = form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')
    for (const folded of form.current?.querySelectorAll('details') ?? [])
      if (folded.contains(wrong ?? null)) folded.open = true
    wrong?.focus()
  }, [error, atFields])
  const submit = (event: FormEvent) => {
    event.preventDefault()
    onSubmit()
  }
  return (
    <form ref={form} className="stack" onSubmit={submit}>
      {children}
      {atFields ? (
        <p className="field-error" role="alert">
          Nothing was changed: mend what is marked.
        </p>
      ) : (
        <Problem error={error} />
      )}
      <div className="row">
        <Button type="submit" tone={tone} busy={busy} disabled={disabled}>
          {action}
        </Button>
        {onCancel && <Button onClick={onCancel}>Cancel</Button>}
      </div>
    </form>
  )
}
