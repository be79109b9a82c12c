import { useEffect, useState } from 'react'
import { TextField } from './field.js'

/** Milliseconds: a pause shorter than this is part of typing. */
const PAUSE_MS = 250

interface SearchFieldProps {
  label: string
  value: string
  onSettled: (value: string) => void
}

/** Reports what was entered after a pause in typing. */
export function SearchField({ label, value, onSettled }: SearchFieldProps) {
  const [typed, setTyped] = useState(value)
  useEffect(() => {
    const timer = setTimeout(() => onSettled(typed.trim()), PAUSE_MS)
    return () => clearTimeout(timer)
  }, [typed, onSettled])
  return <TextField label={label} type="search" value={typed} onChange={setTyped} />
}
