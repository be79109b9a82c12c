import { useState } from 'react'
import { useAction } from '../api/use-action.js'
import { Button } from './button.js'

interface CopyButtonProps {
  children: string
  /** Asked for when it is pressed. */
  textOf: () => string
  /** Where the browser refuses, or has no clipboard, as for pages that come over plain http: what a person can do then. */
  otherwise: () => string
}

/** Puts a text on the clipboard, and says so. */
export function CopyButton({ children, textOf, otherwise }: CopyButtonProps) {
  const [said, setSaid] = useState({ of: '', words: '' })
  const copy = useAction(async () => {
    const of = textOf()
    try {
      await navigator.clipboard.writeText(of)
      setSaid({ of, words: 'Copied.' })
    } catch {
      setSaid({ of, words: `The browser did not allow it. ${otherwise()}` })
    }
  })
  return (
    <>
      <Button onClick={() => copy.run()} busy={copy.busy}>
        {children}
      </Button>
      <span role="status">{said.of === textOf() && said.words}</span>
    </>
  )
}
