import { expect, test } from '@jest/globals'
import { creationOf, draftOf, NEW_ORGANISATION, updateOf } from '../../../src/views/settings/organisation-draft.js'

const organisation = {
  ...{ id: '01920c6e-7a00-7c3e-9d55-2b8f0c9d4e11', name: 'Acme', on_request: 'ask', unreachable_after: 60 },
  ...{ offer_within: 60, allocate_within: 300, idle_complete_after: 86400, history_messages: 20 },
  ...{ history_scope: 'conversation', created_at: '', updated_at: '' },
} as Parameters<typeof draftOf>[0]

test('only what was changed is sent, and what was emptied as null', () => {
  const draft = draftOf(organisation)
  expect(updateOf(draft, organisation)).toBeUndefined()
  expect(
    updateOf({ ...draft, allocate_within: ' ', returned_message: ' Bye ', offer_within: '90' }, organisation),
  ).toEqual({
    ...{ organisation_id: organisation.id, allocate_within: null, returned_message: ' Bye ', offer_within: 90 },
  })
})

test('a new one says nothing of what is usual', () => {
  expect(creationOf({ ...NEW_ORGANISATION, name: ' Acme ' })).toEqual({ name: 'Acme' })
  expect(creationOf({ ...NEW_ORGANISATION, name: 'Acme', history_messages: '0' })).toEqual({
    name: 'Acme',
    history_messages: 0,
  })
})
