/** The organisations to choose from. */
import type { Organisation } from '@tract/contract'
import { useEffect, useState } from 'react'
import { call } from '../api/call.js'

const PAGE = 100

export interface Organisations {
  list: readonly Organisation[] | undefined
  error: unknown
}

async function listAll(signal: AbortSignal): Promise<Organisation[]> {
  const all: Organisation[] = []
  let after: string | undefined
  do {
    const page = await call('listOrganisations', { query: { limit: PAGE, ...(after && { after }) } }, { signal })
    all.push(...page.organisations)
    after = page.next
  } while (after !== undefined)
  return all
}

export function useOrganisations(): Organisations {
  const [state, setState] = useState<Organisations>({ list: undefined, error: undefined })
  useEffect(() => {
    const leaving = new AbortController()
    listAll(leaving.signal).then(
      (list) => setState({ list, error: undefined }),
      (error: unknown) => {
        if (!leaving.signal.aborted) setState({ list: undefined, error })
      },
    )
    return () => leaving.abort()
  }, [])
  return state
}
