import { useState } from 'react'
import { useAction } from '../api/use-action.js'
import { Button } from './button.js'
import { Problem } from './problem.js'

interface CopyButtonProps {
  children: string
  /** Asked for when it is pressed. */
  textOf: () => string
}

/** Puts a text on the clipboard, and says so. A browser has no clipboard for pages that come over plain http. */
export function CopyButton({ children, textOf }: CopyButtonProps) {
  const [copied, setCopied] = useState('')
  const copy = useAction(async () => {
    const text = textOf()
    await navigator.clipboard.writeText(text)
    setCopied(text)
  })
  if (!window.isSecureContext) return null
  return (
    <>
      <Button onClick={() => copy.run()} busy={copy.busy}>
        {children}
      </Button>
      <span role="status">{copied !== '' && copied === textOf() && 'Copied.'}</span>
      <Problem error={copy.error} />
    </>
  )
}
