import { useRef } from 'react'
import { CopyButton } from './copy-button.js'

interface SecretProps {
  /** What it is, and where to keep it. */
  title: string
  text: string
}

/** What is shown this once: it is in no other answer, and leaving the dialog forgets it. */
export function Secret({ title, text }: SecretProps) {
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
      </div>
    </div>
  )
}
