import { useEffect, useRef, useState } from 'react'
import { TextField } from './field.js'

/** Milliseconds: a pause shorter than this is part of typing. */
const PAUSE_MS = 250

interface SearchFieldProps {
  label: string
  value: string
  onSettled: (value: string) => void
  maxLength?: number
}

/** Reports what was entered after a pause in typing. What the address says goes first: a link, and going back, change what is entered. */
export function SearchField({ label, value, onSettled, maxLength }: SearchFieldProps) {
  const [typed, setTyped] = useState(value)
  const settled = useRef(value)
  useEffect(() => {
    if (value === settled.current) return
    settled.current = value
    setTyped(value)
  }, [value])
  useEffect(() => {
    const entered = typed.trim()
    if (entered === settled.current) return
    const timer = setTimeout(() => {
      settled.current = entered
      onSettled(entered)
    }, PAUSE_MS)
    return () => clearTimeout(timer)
  }, [typed, onSettled])
  return <TextField label={label} type="search" maxLength={maxLength} value={typed} onChange={setTyped} />
}
