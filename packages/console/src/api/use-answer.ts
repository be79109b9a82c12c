import { useCallback, useEffect, useRef, useState } from 'react'
import { type Answer, type CallId, type CallOptions, call, type Input } from './call.js'
import { Inquiry } from './inquiry.js'

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
  const inquiry = useRef<Inquiry>(undefined)
  const [state, setState] = useState<State<Answer<Id>>>({
    key,
    data: undefined,
    error: undefined,
    loading: input !== undefined,
  })

  // biome-ignore lint/correctness/useExhaustiveDependencies: the key stands for all of it
  useEffect(() => {
    const { current } = latest
    if (current === undefined) return
    const settle = (change: Partial<State<Answer<Id>>>) => {
      setState((before) => ({
        ...(before.key === key ? before : { data: undefined, error: undefined }),
        key,
        loading: false,
        ...change,
      }))
    }
    const own = new Inquiry(
      async (signal) => {
        const data = await call(id, current, { actFor, signal })
        if (!signal.aborted) settle({ data, error: undefined })
      },
      (error) => settle({ error }),
    )
    inquiry.current = own
    void own.ask()
    return () => {
      own.leave()
      inquiry.current = undefined
    }
  }, [key])

  const reload = useCallback(() => void inquiry.current?.ask(), [])
  const current = state.key === key ? state : { data: undefined, error: undefined, loading: input !== undefined }
  return { data: current.data, error: current.error, loading: current.loading, reload }
}
