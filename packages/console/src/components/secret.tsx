import { useState } from 'react'
import { useAction } from '../api/use-action.js'
import { Button } from './button.js'
import { Problem } from './problem.js'

interface SecretProps {
  /** What it is, and where to keep it. */
  title: string
  text: string
}

/** What is shown this once: it is in no other answer, and leaving the dialog forgets it. */
export function Secret({ title, text }: SecretProps) {
  const [copied, setCopied] = useState(false)
  const copy = useAction(async () => {
    await navigator.clipboard.writeText(text)
    setCopied(true)
  })
  return (
    <div className="stack">
      <p>{title}</p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls, and is to be selected, has to be in reach of the keyboard */}
      <pre className="secret" tabIndex={0}>
        {text}
      </pre>
      {/* A browser has no clipboard for pages that come over plain http. */}
      {window.isSecureContext && (
        <p className="row">
          <Button onClick={() => copy.run()} busy={copy.busy}>
            Copy
          </Button>
          <span role="status">{copied && 'Copied.'}</span>
        </p>
      )}
      <Problem error={copy.error} />
    </div>
  )
}
