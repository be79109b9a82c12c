import type { Hook, Listener } from '@tract/contract'
import { SelectField } from '../../../components/field.js'
import { SearchField } from '../../../components/search-field.js'
import { TimeField } from '../../../time/time-field.js'
import { DELIVERY_STATES } from '../delivery-states.js'
import type { DeliverySearch } from './delivery-search.js'

/** As the contract lists them. */
const ERRORS = [
  ...['timeout', 'dns', 'connection_refused', 'connection_reset', 'connection_failed', 'tls', 'egress_refused'],
  ...['protocol', 'redirect', 'status_4xx', 'endpoint_4xx', 'refused', 'status_5xx', 'not_understood', 'rate_limited'],
  ...['gone', 'invalid_ect_user_id'],
]
const ANY = { value: '', label: 'Any' }

interface DeliveryFiltersProps {
  search: DeliverySearch
  listenerId: string
  listeners: readonly Listener[]
  hooks: readonly Hook[]
}

export function DeliveryFilters({ search, listenerId, listeners, hooks }: DeliveryFiltersProps) {
  const { user, hook, state, from, to, error, attempts, set } = search
  const names = hooks.map(({ category, subcategory }) => `${category}/${subcategory}`)
  return (
    <search className="delivery-filters">
      <SelectField
        label="Listener"
        value={listenerId}
        onChange={set.listener}
        choices={
          listeners.length === 0
            ? [{ value: listenerId, label: listenerId }]
            : listeners.map(({ listener_id, name }) => ({ value: listener_id, label: name }))
        }
      />
      <SearchField label="User id" value={user} onSettled={set.user} />
      <SelectField
        label="Hook"
        value={hook}
        onChange={set.hook}
        choices={[ANY, ...(hook && !names.includes(hook) ? [hook] : []), ...names].map((name) =>
          typeof name === 'string' ? { value: name, label: name } : name,
        )}
      />
      <SelectField
        label="State"
        value={state}
        onChange={set.state}
        choices={[ANY, ...DELIVERY_STATES.map((value) => ({ value, label: value }))]}
      />
      <SelectField
        label="Error of an attempt"
        value={error}
        onChange={set.error}
        choices={[ANY, ...[...new Set([...ERRORS, error])].filter(Boolean).map((value) => ({ value, label: value }))]}
      />
      <SearchField label="Attempts, at least" value={attempts} onSettled={set.attempts} maxLength={6} />
      <TimeField label="Created from" value={from} onChange={set.from} />
      <TimeField label="Created before" value={to} onChange={set.to} />
    </search>
  )
}
