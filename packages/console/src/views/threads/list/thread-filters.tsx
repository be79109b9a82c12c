import { useAnswer } from '../../../api/use-answer.js'
import { SelectField } from '../../../components/field.js'
import { SearchField } from '../../../components/search-field.js'
import { CONVERSATION_STATES } from '../conversation-status.js'
import type { ThreadSearch } from './thread-search.js'

const ANY = { value: '', label: 'Any' }

export function ThreadFilters({ organisationId, search }: { organisationId: string; search: ThreadSearch }) {
  const { text, user, name, state, controller, set } = search
  const listeners = useAnswer('listListeners', { query: { organisation_id: organisationId, limit: 100 } })
  return (
    <search className="filters">
      <SearchField label="Words of a message" value={text} onSettled={set.text} maxLength={256} />
      <SearchField label="User id begins with" value={user} onSettled={set.user} maxLength={128} />
      <SearchField label="Name begins with" value={name} onSettled={set.name} maxLength={256} />
      <SelectField
        label="State"
        value={state}
        onChange={set.state}
        choices={[ANY, ...CONVERSATION_STATES.map((value) => ({ value, label: value }))]}
      />
      <SelectField
        label="In control"
        value={controller}
        onChange={set.controller}
        choices={[
          ANY,
          ...(listeners.data?.listeners ?? []).map(({ listener_id, name }) => ({ value: listener_id, label: name })),
        ]}
      />
    </search>
  )
}
