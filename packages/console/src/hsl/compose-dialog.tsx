import type { HslElement } from '@tract/contract'
import { type FormEvent, useState } from 'react'
import { useAction } from '../api/use-action.js'
import { Button } from '../components/button.js'
import { Dialog } from '../components/dialog.js'
import { Field, SelectField, TextField } from '../components/field.js'
import { Problem } from '../components/problem.js'
import { type Draft, type DraftKind, elementOf, emptyDraft, KINDS, kindOf } from './draft.js'
import { DraftRows } from './draft-rows.js'
import { Hsl } from './hsl-element.js'

const CHOICES = Object.entries(KINDS).map(([value, { label }]) => ({ value, label }))

interface ComposeDialogProps {
  open: boolean
  /** An element to begin with, as JSON; empty: none. */
  start?: string
  onClose: () => void
  onSend: (element: HslElement) => Promise<unknown>
}

/** Composes an element, shows it as it will be shown, and sends it. */
export function ComposeDialog({ open, start = '', onClose, onSend }: ComposeDialogProps) {
  const [draft, setDraft] = useState<Draft>(
    start === '' ? emptyDraft('quick_replies') : { ...emptyDraft('json'), text: start },
  )
  const { run, busy, error } = useAction(async (element: HslElement) => {
    await onSend(element)
    setDraft(emptyDraft(draft.kind))
    onClose()
  })
  const { textLabel, row, columns } = kindOf(draft.kind)
  const made = elementOf(draft)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if ('element' in made) void run(made.element)
  }
  const change = (text: string) => setDraft({ ...draft, text })
  return (
    <Dialog open={open} onClose={onClose} title="Compose an element" wide>
      <div className="compose">
        <form className="stack" onSubmit={submit}>
          <SelectField
            label="Element"
            value={draft.kind}
            onChange={(kind) => setDraft(emptyDraft(kind as DraftKind))}
            choices={CHOICES}
          />
          {draft.kind === 'json' ? (
            <Field label={textLabel}>
              {(control) => (
                <textarea
                  {...control}
                  rows={8}
                  spellCheck={false}
                  value={draft.text}
                  onChange={(event) => change(event.target.value)}
                />
              )}
            </Field>
          ) : (
            <TextField label={textLabel} value={draft.text} onChange={change} />
          )}
          {row && (
            <DraftRows
              what={row}
              columns={columns}
              rows={draft.rows}
              onChange={(rows) => setDraft({ ...draft, rows })}
            />
          )}
          <Problem error={error} />
          <Button type="submit" tone="primary" busy={busy} disabled={'problem' in made}>
            Send
          </Button>
        </form>
        <section className="stack" aria-label="Preview">
          <h3>Preview</h3>
          {'element' in made ? (
            <Hsl key={JSON.stringify(made.element)} element={made.element} />
          ) : (
            <p className="hint">{made.problem}</p>
          )}
        </section>
      </div>
    </Dialog>
  )
}
