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
  const [round, setRound] = useState(0)
  const [state, setState] = useState<State<Answer<Id>>>({ key, data: undefined, error: undefined, loading: true })
  const reload = useCallback(() => setRound((before) => before + 1), [])

  // biome-ignore lint/correctness/useExhaustiveDependencies: the key stands for the input, and a round for a reload
  useEffect(() => {
    if (latest.current === undefined) return
    const leaving = new AbortController()
    const settle = (change: Partial<State<Answer<Id>>>) => {
      if (leaving.signal.aborted) return
      setState((before) => ({
        ...(before.key === key ? before : { data: undefined, error: undefined }),
        key,
        loading: false,
        ...change,
      }))
    }
    call(id, latest.current, { actFor, signal: leaving.signal }).then(
      (data) => settle({ data, error: undefined }),
      (error: unknown) => settle({ error }),
    )
    return () => leaving.abort()
  }, [key, round])

  const current = state.key === key ? state : { data: undefined, error: undefined, loading: input !== undefined }
  return { data: current.data, error: current.error, loading: current.loading, reload }
}
