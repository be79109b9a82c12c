import { useCallback, useRef, useState } from 'react'

export interface Action<Arguments extends unknown[]> {
  run: (...args: Arguments) => Promise<void>
  busy: boolean
  error: unknown
  clear: () => void
}

/** Something a person sets off: once at a time, with what came of it. */
export function useAction<Arguments extends unknown[]>(
  perform: (...args: Arguments) => Promise<unknown>,
): Action<Arguments> {
  const [state, setState] = useState<{ busy: boolean; error: unknown }>({ busy: false, error: undefined })
  const latest = useRef(perform)
  latest.current = perform
  const under = useRef(false)
  const run = useCallback(async (...args: Arguments) => {
    if (under.current) return
    under.current = true
    setState({ busy: true, error: undefined })
    try {
      await latest.current(...args)
      setState({ busy: false, error: undefined })
    } catch (error) {
      setState({ busy: false, error })
    } finally {
      under.current = false
    }
  }, [])
  const clear = useCallback(() => setState({ busy: false, error: undefined }), [])
  return { run, ...state, clear }
}
