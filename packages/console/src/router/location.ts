/** Where the page is. The browser's history is the one truth of it. */
import { useSyncExternalStore } from 'react'

const listeners = new Set<() => void>()

const tell = () => {
  for (const listener of listeners) listener()
}

function subscribe(listener: () => void): () => void {
  if (listeners.size === 0) window.addEventListener('popstate', tell)
  listeners.add(listener)
  return () => {
    listeners.delete(listener)
    if (listeners.size === 0) window.removeEventListener('popstate', tell)
  }
}

export const usePath = (): string => useSyncExternalStore(subscribe, () => window.location.pathname)

export const useSearch = (): string => useSyncExternalStore(subscribe, () => window.location.search)

let focusedBefore: Element | null = null

/** The user has not moved the focus since the page changed. */
export const isFocusLeft = (): boolean =>
  document.activeElement === null || [document.body, focusedBefore].includes(document.activeElement)

export function navigate(to: string, { replace = false } = {}): void {
  if (to === window.location.pathname + window.location.search) return
  focusedBefore = document.activeElement
  if (replace) window.history.replaceState(null, '', to)
  else window.history.pushState(null, '', to)
  tell()
}
