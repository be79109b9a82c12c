import { useEffect, useState } from 'react'
import { TextField } from './field.js'

/** Whoever types is not done yet. */
const PAUSE_MS = 250

interface SearchFieldProps {
  label: string
  value: string
  onSettled: (value: string) => void
}

/** Says what was entered once whoever types has paused. */
export function SearchField({ label, value, onSettled }: SearchFieldProps) {
  const [typed, setTyped] = useState(value)
  useEffect(() => {
    const timer = setTimeout(() => onSettled(typed.trim()), PAUSE_MS)
    return () => clearTimeout(timer)
  }, [typed, onSettled])
  return <TextField label={label} type="search" value={typed} onChange={setTyped} />
}
