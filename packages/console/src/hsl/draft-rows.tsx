import { Button } from '../components/button.js'
import { TextField } from '../components/field.js'
import type { Row, RowColumn } from './draft.js'

interface DraftRowsProps {
  /** What a row is. */
  what: string
  columns: readonly RowColumn[]
  rows: readonly Row[]
  onChange: (rows: readonly Row[]) => void
}

/** The list within an element: its replies, buttons, cards or fields. */
export function DraftRows({ what, columns, rows, onChange }: DraftRowsProps) {
  return (
    <>
      {rows.map((row, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: rows have no other name
        <fieldset key={index} className="draft-row">
          <legend>
            {what} {index + 1}
          </legend>
          {columns.map(({ name, label, type = 'text' }) => (
            <TextField
              key={name}
              label={label}
              type={type}
              value={row[name] ?? ''}
              onChange={(value) => onChange(rows.with(index, { ...row, [name]: value }))}
            />
          ))}
          <Button onClick={() => onChange(rows.toSpliced(index, 1))} aria-label={`Remove ${what} ${index + 1}`}>
            Remove
          </Button>
        </fieldset>
      ))}
      <Button onClick={() => onChange([...rows, {}])}>Add: {what}</Button>
    </>
  )
}
