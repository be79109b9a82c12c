import type { Client } from '@tract/contract'
import { useCallback, useEffect, useRef, useState } from 'react'
import { call } from '../../api/call.js'
import { Inquiry } from '../../api/inquiry.js'

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
  const inquiry = useRef<Inquiry>(undefined)
  useEffect(() => {
    const own = new Inquiry(
      async (signal) => {
        const list = await listAll(organisationId, signal)
        if (!signal.aborted) setState({ list })
      },
      (error) => setState((before) => ({ ...before, error })),
    )
    inquiry.current = own
    void own.ask()
    return () => own.leave()
  }, [organisationId])
  const reload = useCallback(() => void inquiry.current?.ask(), [])
  return { ...state, list: state.list, error: state.error, reload }
}
