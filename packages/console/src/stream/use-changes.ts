import { useEffect, useRef, useState } from 'react'
import { type Change, type Following, listen, type StreamScope } from './change-stream.js'

export interface Changes {
  list: readonly Change[]
  /** Something may have been missed. */
  gap: boolean
}

/**
 * Hands over what changed in a scope.
 * @param gatherMs changes that come within this time lead to one call
 * @returns how what is shown keeps up
 */
export function useChanges(
  { organisationId, userId }: StreamScope,
  onChanges: (changes: Changes) => void,
  gatherMs = 150,
): Following {
  const [following, setFollowing] = useState<Following>('not yet')
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
      timer ??= setTimeout(flush, gatherMs)
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
        onFollowing: setFollowing,
      },
    )
    return () => {
      stop()
      clearTimeout(timer)
    }
  }, [organisationId, userId, gatherMs])

  return following
}
