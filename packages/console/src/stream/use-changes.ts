import { useEffect, useRef, useState } from 'react'
import { type Change, listen, type StreamScope } from './change-stream.js'

/** Many changes come at once; whoever shows them asks once. */
const GATHER_MS = 150

export interface Changes {
  list: readonly Change[]
  /** Something may have been missed. */
  gap: boolean
}

/** Hands over what changed in a scope, gathered. @returns is the stream connected */
export function useChanges({ organisationId, userId }: StreamScope, onChanges: (changes: Changes) => void): boolean {
  const [connected, setConnected] = useState(false)
  const latest = useRef(onChanges)
  latest.current = onChanges

  useEffect(() => {
    let gathered: Change[] = []
    let gap = false
    let timer: ReturnType<typeof setTimeout> | undefined
    const flush = () => {
      const changes = { list: gathered, gap }
      gathered = []
      gap = false
      timer = undefined
      latest.current(changes)
    }
    const gather = () => {
      timer ??= setTimeout(flush, GATHER_MS)
    }
    const stop = listen(
      { organisationId, userId },
      {
        onChange: (change) => {
          gathered.push(change)
          gather()
        },
        onGap: () => {
          gap = true
          gather()
        },
        onConnection: setConnected,
      },
    )
    return () => {
      stop()
      clearTimeout(timer)
    }
  }, [organisationId, userId])

  return connected
}
