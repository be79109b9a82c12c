import { useCallback, useEffect, useRef, useState } from 'react'
import { type Answer, type CallId, type CallOptions, call, type Input } from './call.js'

export interface Loaded<T> {
  data: T | undefined
  error: unknown
  loading: boolean
  /** Asks again; what is shown stays until the answer is there. */
  reload: () => void
}

interface State<T> {
  key: string
  data: T | undefined
  error: unknown
  loading: boolean
}

/**
 * The answer to a call that changes nothing. Another input, another answer: what belongs to the one before is not shown for it.
 * @param input undefined: there is nothing to ask yet
 */
export function useAnswer<Id extends CallId>(
  id: Id,
  input: Input<Id> | undefined,
  { actFor }: Pick<CallOptions, 'actFor'> = {},
): Loaded<Answer<Id>> {
  const key = JSON.stringify([id, input, actFor])
  const latest = useRef(input)
  latest.current = input
  const asking = useRef<() => void>(undefined)
  const [state, setState] = useState<State<Answer<Id>>>({ key, data: undefined, error: undefined, loading: true })

  // biome-ignore lint/correctness/useExhaustiveDependencies: the key stands for all of it
  useEffect(() => {
    const { current } = latest
    if (current === undefined) return
    const leaving = new AbortController()
    let busy = false
    let again = false
    const settle = (change: Partial<State<Answer<Id>>>) => {
      if (leaving.signal.aborted) return
      setState((before) => ({
        ...(before.key === key ? before : { data: undefined, error: undefined }),
        key,
        loading: false,
        ...change,
      }))
    }
    // A question that is under way is not given up for the next one: where much happens, there would never be an answer.
    const ask = async () => {
      if (busy) {
        again = true
        return
      }
      busy = true
      do {
        again = false
        await call(id, current, { actFor, signal: leaving.signal }).then(
          (data) => settle({ data, error: undefined }),
          (error: unknown) => settle({ error }),
        )
      } while (again && !leaving.signal.aborted)
      busy = false
    }
    asking.current = () => void ask()
    void ask()
    return () => leaving.abort()
  }, [key])

  const reload = useCallback(() => asking.current?.(), [])
  const current = state.key === key ? state : { data: undefined, error: undefined, loading: input !== undefined }
  return { data: current.data, error: current.error, loading: current.loading, reload }
}
