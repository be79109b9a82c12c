import { useSyncExternalStore } from 'react'
import { useTheme } from './theme.js'

const DARK = '(prefers-color-scheme: dark)'

function subscribe(listener: () => void): () => void {
  const query = window.matchMedia(DARK)
  query.addEventListener('change', listener)
  return () => query.removeEventListener('change', listener)
}

/** What the page is shown in. */
export function useScheme(): 'light' | 'dark' {
  const theme = useTheme()
  const systemIsDark = useSyncExternalStore(subscribe, () => window.matchMedia(DARK).matches)
  if (theme !== 'system') return theme
  return systemIsDark ? 'dark' : 'light'
}
