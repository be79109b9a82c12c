import { useCallback } from 'react'
import { navigate, useSearch } from './location.js'

/** Filters of a view, kept in the address so that going back and a link bring them back. Never a message's content. */
export function useQueryState(name: string): [value: string, set: (value: string) => void] {
  const search = useSearch()
  const set = useCallback(
    (value: string) => {
      const query = new URLSearchParams(window.location.search)
      if (value) query.set(name, value)
      else query.delete(name)
      // Another filter, other pages.
      if (name !== 'after') query.delete('after')
      const text = query.toString()
      navigate(window.location.pathname + (text && `?${text}`), { replace: true })
    },
    [name],
  )
  return [new URLSearchParams(search).get(name) ?? '', set]
}
