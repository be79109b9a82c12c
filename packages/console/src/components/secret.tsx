import { useRef } from 'react'
import { saveFile } from '../files/save.js'
import { Button } from './button.js'
import { CopyButton } from './copy-button.js'

interface SecretProps {
  /** What it is, and where to keep it. */
  title: string
  text: string
  /** The name of the file that it can be saved as. */
  file?: string
}

/** What is shown this once: it is in no other answer, and leaving the dialog forgets it. */
export function Secret({ title, text, file }: SecretProps) {
  const shown = useRef<HTMLPreElement>(null)
  const select = () => {
    if (shown.current) {
      shown.current.focus()
      window.getSelection()?.selectAllChildren(shown.current)
    }
    return 'The secret is selected: press Ctrl+C.'
  }
  return (
    <div className="stack">
      <p>{title}</p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls, and is to be selected, has to be in reach of the keyboard */}
      <pre ref={shown} className="secret" tabIndex={0}>
        {text}
      </pre>
      <div className="row">
        <CopyButton textOf={() => text} otherwise={select}>
          Copy
        </CopyButton>
        {file !== undefined && (
          <Button onClick={() => saveFile(file, new Blob([`${text}\n`], { type: 'application/json' }))}>Save</Button>
        )}
      </div>
    </div>
  )
}
