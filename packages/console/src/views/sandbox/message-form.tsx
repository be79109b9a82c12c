import { type FormEvent, type ReactNode, useState } from 'react'
import { Button } from '../../components/button.js'
import { TextField } from '../../components/field.js'

interface MessageFormProps {
  label: string
  busy: boolean
  disabled?: boolean
  onSend: (words: string) => Promise<void>
  children?: ReactNode
}

export function MessageForm({ label, busy, disabled = false, onSend, children }: MessageFormProps) {
  const [words, setWords] = useState('')
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (busy || disabled || words.trim() === '') return
    setWords('')
    void onSend(words.trim())
  }
  return (
    <form className="sandbox-form" onSubmit={submit}>
      <TextField label={label} value={words} onChange={setWords} disabled={disabled} maxLength={4096} />
      <Button type="submit" tone="primary" busy={busy} disabled={disabled}>
        Send
      </Button>
      {children}
    </form>
  )
}
