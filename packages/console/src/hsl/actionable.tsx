import type { HslActionable, HslQuickReply } from '@tract/contract'
import { Button } from '../components/button.js'
import { linkAddress } from './address.js'

interface ActionableProps {
  item: HslActionable | HslQuickReply
  onReply?: ((message: string) => void) | undefined
}

/** Something to tap: it opens an address, or says something in the reader's name. */
export function Actionable({ item, onReply }: ActionableProps) {
  const label = item.actionable_text || '(no label)'
  const { url, link, message } = item.payload as Record<string, unknown>
  const address = linkAddress(url) ?? linkAddress(link)
  if (address !== undefined) {
    return (
      <a className="button button-plain hsl-action" href={address} target="_blank" rel="noreferrer noopener">
        {label} <span aria-hidden="true">↗</span>
        <span className="unseen"> (opens elsewhere)</span>
      </a>
    )
  }
  const opens = 'uri' in item && item.uri !== '' ? item.uri : undefined
  const says = typeof message === 'string' && message !== '' ? message : opens ? undefined : item.actionable_text
  return (
    <Button
      className="hsl-action"
      disabled={onReply === undefined || says === undefined}
      title={says === undefined ? `Opens ${opens} in an app, which this is not.` : undefined}
      onClick={() => says !== undefined && onReply?.(says)}
    >
      {label}
    </Button>
  )
}
