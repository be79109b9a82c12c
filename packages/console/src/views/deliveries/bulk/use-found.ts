import type { Delivery, DeliveryFilter } from '@tract/contract'
import { useEffect, useState } from 'react'
import { call } from '../../../api/call.js'

const PAGE = 200
/** What a person oversees in one act, and a page keeps. */
const MOST = 10_000

export interface Found {
  deliveries: readonly Delivery[]
  /** Are these all, or all that are looked at. */
  settled: boolean
  /** There are more than are looked at. */
  more: boolean
  error: unknown
}

const NONE: Found = { deliveries: [], settled: false, more: false, error: undefined }

/** All that a filter finds, page by page. */
export function useFound(filter: DeliveryFilter, actFor: string): Found {
  const key = JSON.stringify([filter, actFor])
  const [state, setState] = useState({ key, found: NONE })
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key stands for all of it
  useEffect(() => {
    const leaving = new AbortController()
    const { signal } = leaving
    const look = async () => {
      const deliveries: Delivery[] = []
      let after: string | undefined
      do {
        const body = { ...filter, limit: PAGE, ...(after && { after }) }
        const page = await call('listDeliveries', { body }, { actFor, signal })
        deliveries.push(...page.deliveries)
        after = page.next
        setState({ key, found: { ...NONE, deliveries: [...deliveries] } })
      } while (after !== undefined && deliveries.length < MOST)
      setState({ key, found: { deliveries, settled: true, more: after !== undefined, error: undefined } })
    }
    look().catch((error: unknown) => {
      if (!signal.aborted) setState({ key, found: { ...NONE, settled: true, error } })
    })
    return () => leaving.abort()
  }, [key])
  return state.key === key ? state.found : NONE
}
