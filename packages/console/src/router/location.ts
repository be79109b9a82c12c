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

/** What the page is to say of what led to it; it goes with the next step. */
export const useSaid = (): string => useSyncExternalStore(subscribe, () => window.history.state?.said ?? '')

/** @param options.said what the page that is led to says */
export function navigate(to: string, { replace = false, said = '' } = {}): void {
  if (to === window.location.pathname + window.location.search) return
  focusedBefore = document.activeElement
  const state = said === '' ? null : { said }
  if (replace) window.history.replaceState(state, '', to)
  else window.history.pushState(state, '', to)
  tell()
}
