import { type FormEvent, type ReactNode, useLayoutEffect, useRef, useState } from 'react'
import { useAction } from '../../api/use-action.js'
import { Button } from '../../components/button.js'
import { TextField } from '../../components/field.js'
import { Problem } from '../../components/problem.js'
import { UploadList } from '../../files/upload-list.js'
import { MOST_FILES, useUploads } from '../../files/use-uploads.js'

interface MessageFormProps {
  /** Whom a person plays here. */
  as: 'user' | 'agent'
  /** `<organisation_id>/<listener_id>`: whose files are sent. */
  actFor: string
  disabled?: boolean
  /** Words to begin with, each time that they are given. */
  again?: { words: string } | undefined
  /** Rejects where it is refused: what was entered stays. */
  onSend: (words: string, files: readonly string[]) => Promise<unknown>
  children?: ReactNode
}

/** What is said: words, files, or both. */
export function MessageForm({ as, actFor, disabled = false, again, onSend, children }: MessageFormProps) {
  const [words, setWords] = useState('')
  const [left, setLeft] = useState(0)
  const picker = useRef<HTMLInputElement>(null)
  const form = useRef<HTMLFormElement>(null)
  const uploads = useUploads(actFor)
  // before the field has the focus: what is typed next is added to these words
  useLayoutEffect(() => {
    if (!again) return
    setWords(again.words)
    form.current?.querySelector<HTMLElement>('.field input')?.focus()
  }, [again])
  const ids = uploads.list.flatMap(({ id }) => id ?? [])
  const isReady = ids.length === uploads.list.length
  const { run, busy, error } = useAction(async () => {
    const names = uploads.list.map(({ file }) => file.name)
    await onSend(words.trim() || names.join(', '), ids)
    // what was typed while this was sent is the next message's
    setWords((now) => (now.startsWith(words) ? now.slice(words.length) : now))
    uploads.clear()
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (disabled || !isReady || (words.trim() === '' && ids.length === 0)) return
    void run()
  }
  return (
    <form ref={form} className="sandbox-form" onSubmit={submit}>
      <TextField label={`Write as the ${as}`} value={words} onChange={setWords} disabled={disabled} maxLength={4096} />
      <input
        ref={picker}
        type="file"
        multiple
        hidden
        aria-label={`Files of the ${as}`}
        onChange={({ target }) => {
          setLeft(uploads.add([...(target.files ?? [])]))
          // the same file may be chosen again
          target.value = ''
        }}
      />
      <Button type="submit" tone="primary" busy={busy} disabled={disabled || !isReady}>
        Send
      </Button>
      <Button
        onClick={() => picker.current?.click()}
        disabled={disabled || uploads.list.length >= MOST_FILES}
        aria-label={`Attach files as the ${as}`}
      >
        Attach
      </Button>
      {children}
      <UploadList uploads={uploads} />
      {left > 0 && <p className="hint">A message has {MOST_FILES} files at most.</p>}
      <Problem error={error} />
    </form>
  )
}
