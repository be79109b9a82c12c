/** Which threads are looked for, as the address has it: going back, and a link, bring it back. */
import type { ConversationState } from '@tract/contract'
import type { Input } from '../../../api/call.js'
import { useQueryState } from '../../../router/query-state.js'

type Filter = 'text' | 'user' | 'name' | 'state' | 'controller'

export interface ThreadSearch extends Readonly<Record<Filter, string>> {
  set: Readonly<Record<Filter, (value: string) => void>>
}

export function useThreadSearch(): ThreadSearch {
  const [text, setText] = useQueryState('text')
  const [user, setUser] = useQueryState('user')
  const [name, setName] = useQueryState('name')
  const [state, setState] = useQueryState('state')
  const [controller, setController] = useQueryState('controller')
  const set = { text: setText, user: setUser, name: setName, state: setState, controller: setController }
  return { text, user, name, state, controller, set }
}

export const isFiltered = ({ text, user, name, state, controller }: ThreadSearch): boolean =>
  [text, user, name, state, controller].some(Boolean)

type Query = NonNullable<Input<'listThreads'>['query']>

/** The same for the service: the last active first. */
export const queryOf = ({ text, user, name, state, controller }: ThreadSearch): Omit<Query, 'organisation_id'> => ({
  order: 'last_activity',
  ...(text && { text }),
  ...(user && { user_id_prefix: user }),
  ...(name && { user_name_prefix: name }),
  ...(state && { state: state as ConversationState }),
  ...(controller && { controller }),
})
