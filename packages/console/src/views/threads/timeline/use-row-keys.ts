import { type KeyboardEvent, useCallback, useState } from 'react'

/** Up, down, home and end among the rows of a list that is only in part on the page: one of them is in the order of tabs. */
export function useRowKeys(count: number, reveal: (index: number) => void) {
  const [active, setActive] = useState(0)
  const onKeyDown = useCallback(
    (event: KeyboardEvent) => {
      const last = count - 1
      const target = {
        ArrowDown: Math.min(last, active + 1),
        ArrowUp: Math.max(0, active - 1),
        PageDown: Math.min(last, active + 10),
        PageUp: Math.max(0, active - 10),
        Home: 0,
        End: last,
      }[event.key]
      if (target === undefined || count === 0) return
      event.preventDefault()
      setActive(target)
      reveal(target)
    },
    [active, count, reveal],
  )
  return { active: Math.min(active, Math.max(0, count - 1)), setActive, onKeyDown }
}
