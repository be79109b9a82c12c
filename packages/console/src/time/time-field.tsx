import { useState } from 'react'
import { TextField } from '../components/field.js'
import { instantOf, localOf, zoneName } from './moment.js'

interface TimeFieldProps {
  label: string
  /** An instant in UTC; empty: none. */
  value: string
  onChange: (instant: string) => void
}

/** A moment, entered in the reader's zone, and kept as an instant: a link to it means the same to who reads it elsewhere. */
export function TimeField({ label, value, onChange }: TimeFieldProps) {
  const [local, setLocal] = useState(() => localOf(value))
  // what is being typed stands: a year of one digit is no instant to come back to
  const shown = instantOf(local) === instantOf(value) ? local : localOf(value)
  return (
    <TextField
      label={label}
      type="datetime-local"
      value={shown}
      onChange={(typed) => {
        setLocal(typed)
        onChange(instantOf(typed))
      }}
      hint={zoneName(new Date(instantOf(value) || Date.now()))}
    />
  )
}
