import type { Hook, Listener } from '@tract/contract'
import { SelectField } from '../../../components/field.js'
import { SearchField } from '../../../components/search-field.js'
import { TimeField } from '../../../time/time-field.js'
import { DELIVERY_STATES } from '../delivery-states.js'
import type { DeliverySearch } from './delivery-search.js'

const ANY = { value: '', label: 'Any' }

interface DeliveryFiltersProps {
  search: DeliverySearch
  listenerId: string
  listeners: readonly Listener[]
  hooks: readonly Hook[]
}

export function DeliveryFilters({ search, listenerId, listeners, hooks }: DeliveryFiltersProps) {
  const { user, hook, state, from, to, set } = search
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
      <TimeField label="Created from" value={from} onChange={set.from} />
      <TimeField label="Created before" value={to} onChange={set.to} />
    </search>
  )
}
