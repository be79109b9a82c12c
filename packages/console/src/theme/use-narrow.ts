import { useSyncExternalStore } from 'react'

/** As the style sheets have it. */
const query = window.matchMedia('(max-width: 800px)')

function subscribe(listener: () => void): () => void {
  query.addEventListener('change', listener)
  return () => query.removeEventListener('change', listener)
}

/** Is the window as narrow as a phone. */
export const useNarrow = (): boolean => useSyncExternalStore(subscribe, () => query.matches)
