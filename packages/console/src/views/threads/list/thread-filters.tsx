import { useEffect, useState } from 'react'
import { useAnswer } from '../../../api/use-answer.js'
import { SelectField, TextField } from '../../../components/field.js'
import { useQueryState } from '../../../router/query-state.js'
import { CONVERSATION_STATES } from '../conversation-status.js'

const ANY = { value: '', label: 'Any' }
/** Milliseconds: a pause shorter than this is part of typing. */
const PAUSE_MS = 250

export function ThreadFilters({ organisationId }: { organisationId: string }) {
  const [userPrefix, setUserPrefix] = useQueryState('user')
  const [state, setState] = useQueryState('state')
  const [controller, setController] = useQueryState('controller')
  const [typed, setTyped] = useState(userPrefix)
  const listeners = useAnswer('listListeners', { query: { organisation_id: organisationId, limit: 100 } })

  useEffect(() => {
    if (typed.trim() === userPrefix) return
    const timer = setTimeout(() => setUserPrefix(typed.trim()), PAUSE_MS)
    return () => clearTimeout(timer)
  }, [typed, userPrefix, setUserPrefix])

  return (
    <search className="filters">
      <TextField label="User id begins with" type="search" value={typed} onChange={setTyped} />
      <SelectField
        label="State"
        value={state}
        onChange={setState}
        choices={[ANY, ...CONVERSATION_STATES.map((value) => ({ value, label: value }))]}
      />
      <SelectField
        label="In control"
        value={controller}
        onChange={setController}
        choices={[
          ANY,
          ...(listeners.data?.listeners ?? []).map(({ listener_id, name }) => ({ value: listener_id, label: name })),
        ]}
      />
    </search>
  )
}
