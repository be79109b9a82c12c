import type { Client } from '@tract/contract'
import { useCallback, useEffect, useState } from 'react'
import { call } from '../../api/call.js'

const PAGE = 100

/** @param organisationId undefined: those of every organisation, and the operators' */
async function listAll(organisationId: string | undefined, signal: AbortSignal): Promise<Client[]> {
  const all: Client[] = []
  let after: string | undefined
  do {
    const query = { limit: PAGE, ...(organisationId && { organisation_id: organisationId }), ...(after && { after }) }
    const page = await call('listClients', { query }, { signal })
    all.push(...page.clients)
    after = page.next
  } while (after !== undefined)
  return all
}

/** All clients of an organisation, or of the service. */
export function useClients(organisationId?: string) {
  const [state, setState] = useState<{ list?: readonly Client[]; error?: unknown }>({})
  const [turn, setTurn] = useState(0)
  // biome-ignore lint/correctness/useExhaustiveDependencies: another turn asks again
  useEffect(() => {
    const leaving = new AbortController()
    listAll(organisationId, leaving.signal).then(
      (list) => leaving.signal.aborted || setState({ list }),
      (error: unknown) => leaving.signal.aborted || setState((before) => ({ ...before, error })),
    )
    return () => leaving.abort()
  }, [organisationId, turn])
  const reload = useCallback(() => setTurn((before) => before + 1), [])
  return { ...state, list: state.list, error: state.error, reload }
}
