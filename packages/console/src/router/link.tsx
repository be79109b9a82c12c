import type { AnchorHTMLAttributes, MouseEvent } from 'react'
import { navigate } from './location.js'

/** A link within the console, which also opens in another tab. */
export function Link({ href, onClick, ...props }: AnchorHTMLAttributes<HTMLAnchorElement> & { href: string }) {
  const follow = (event: MouseEvent<HTMLAnchorElement>) => {
    onClick?.(event)
    const elsewhere = event.metaKey || event.ctrlKey || event.shiftKey || event.altKey || event.button !== 0
    if (event.defaultPrevented || elsewhere) return
    event.preventDefault()
    navigate(href)
  }
  return <a href={href} onClick={follow} {...props} />
}
