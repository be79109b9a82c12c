/** The organisations to choose from, known to the whole page: a view that changes one tells the others. */
import type { Organisation } from '@tract/contract'
import { SANDBOX_ORGANISATION_ID } from '@tract/contract/sandbox'
import { useEffect, useSyncExternalStore } from 'react'
import { call } from '../api/call.js'
import { Inquiry } from '../api/inquiry.js'

const PAGE = 100

export interface Organisations {
  list: readonly Organisation[] | undefined
  error: unknown
}

let state: Organisations = { list: undefined, error: undefined }
let inquiry: Inquiry | undefined
const listeners = new Set<() => void>()

function become(next: Organisations): void {
  state = next
  for (const listener of listeners) listener()
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

/** Asks again, after one was created or changed. */
export async function reloadOrganisations(): Promise<void> {
  await inquiry?.ask()
}

const subscribe = (listener: () => void) => {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

export function useOrganisations(): Organisations {
  useEffect(() => {
    const own = new Inquiry(
      async (signal) => {
        const list = await listAll(signal)
        if (!signal.aborted) become({ list, error: undefined })
      },
      (error) => become({ list: state.list, error }),
    )
    inquiry = own
    void own.ask()
    return () => own.leave()
  }, [])
  return useSyncExternalStore(subscribe, () => state)
}

/** One of them; undefined while it is not known. */
export const useOrganisation = (id: string): Organisation | undefined =>
  useSyncExternalStore(subscribe, () => state).list?.find((organisation) => organisation.id === id)

/** All of them, where they are known. */
export const useKnownOrganisations = (): Organisations['list'] => useSyncExternalStore(subscribe, () => state).list

/** Which one is shown first: the sandbox is for trying. */
export const firstOf = (list: readonly Organisation[]): Organisation | undefined =>
  list.find(({ id }) => id !== SANDBOX_ORGANISATION_ID) ?? list[0]
