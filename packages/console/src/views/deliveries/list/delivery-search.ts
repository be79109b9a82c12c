/** What is looked for, as the address has it: going back, and a link, bring it back. */
import type { DeliveryFilter, DeliveryState } from '@tract/contract'
import { useQueryState } from '../../../router/query-state.js'
import { instantOf } from '../../../time/moment.js'

export interface DeliverySearch {
  listener: string
  user: string
  hook: string
  state: string
  from: string
  to: string
  error: string
  status: string
  attempts: string
  set: Readonly<Record<Exclude<keyof DeliverySearch, 'set'>, (value: string) => void>>
}

export function useDeliverySearch(): DeliverySearch {
  const [listener, setListener] = useQueryState('listener')
  const [user, setUser] = useQueryState('user')
  const [hook, setHook] = useQueryState('hook')
  const [state, setState] = useQueryState('state')
  const [from, setFrom] = useQueryState('from')
  const [to, setTo] = useQueryState('to')
  const [error, setError] = useQueryState('error')
  const [status, setStatus] = useQueryState('status')
  const [attempts, setAttempts] = useQueryState('attempts')
  const set = {
    ...{ listener: setListener, user: setUser, hook: setHook, state: setState, from: setFrom, to: setTo },
    ...{ error: setError, status: setStatus, attempts: setAttempts },
  }
  return { listener, user, hook, state, from, to, error, status, attempts, set }
}

/** The same for the service. */
export function filterOf(search: Omit<DeliverySearch, 'set' | 'listener'>): DeliveryFilter {
  const { user, hook, state, from, to, error } = search
  const [status, attempts] = [search.status, search.attempts].map((entered) => Number.parseInt(entered, 10))
  const [category, subcategory] = hook.split('/')
  const [createdFrom, createdTo] = [instantOf(from), instantOf(to)]
  return {
    ...(user && { user_id: user }),
    ...(category && subcategory && { category, subcategory }),
    ...(state && { state: state as DeliveryState }),
    ...(createdFrom && { created_from: createdFrom }),
    ...(createdTo && { created_to: createdTo }),
    ...(error && { error }),
    ...(status && { http_status: status }),
    ...(attempts && attempts > 0 && { attempts_from: attempts }),
  }
}
