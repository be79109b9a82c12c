import type { AttemptError, Hook, Listed, Listener } from '@tract/contract'
import { SelectField } from '../../../components/field.js'
import { SearchField } from '../../../components/search-field.js'
import { TimeField } from '../../../time/time-field.js'
import { DELIVERY_STATES } from '../delivery-states.js'
import type { DeliverySearch } from './delivery-search.js'

/** All that the contract lists: one that is missing does not compile. */
const ERRORS = Object.keys({
  timeout: true,
  dns: true,
  connection_refused: true,
  connection_reset: true,
  connection_failed: true,
  tls: true,
  tls_hostname: true,
  tls_untrusted: true,
  tls_expired: true,
  tls_not_yet_valid: true,
  tls_version: true,
  tls_client_certificate: true,
  tls_not_spoken: true,
  tls_reset: true,
  proxy: true,
  egress_refused: true,
  protocol: true,
  redirect: true,
  status_4xx: true,
  endpoint_4xx: true,
  refused: true,
  status_5xx: true,
  not_understood: true,
  rate_limited: true,
  gone: true,
  invalid_ect_user_id: true,
} satisfies Record<Listed<AttemptError>, true>)
const ANY = { value: '', label: 'Any' }

interface DeliveryFiltersProps {
  search: DeliverySearch
  listenerId: string
  listeners: readonly Listener[]
  hooks: readonly Hook[]
}

export function DeliveryFilters({ search, listenerId, listeners, hooks }: DeliveryFiltersProps) {
  const { user, hook, state, from, to, error, status, attempts, set } = search
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
      <SearchField label="HTTP status" value={status} onSettled={set.status} maxLength={3} />
      <SearchField label="Attempts, at least" value={attempts} onSettled={set.attempts} maxLength={6} />
      <TimeField label="Created from" value={from} onChange={set.from} />
      <TimeField label="Created before" value={to} onChange={set.to} />
    </search>
  )
}
