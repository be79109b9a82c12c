import { useEffect, useRef } from 'react'

/** Does something again and again, while the page is looked at. */
export function useRepeated(perform: () => void, everyMs: number): void {
  const latest = useRef(perform)
  latest.current = perform
  useEffect(() => {
    const timer = setInterval(() => {
      if (!document.hidden) latest.current()
    }, everyMs)
    return () => clearInterval(timer)
  }, [everyMs])
}
