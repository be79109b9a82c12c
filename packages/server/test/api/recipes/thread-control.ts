import { failure, type Recipe, success } from './recipe.js'

export const threadControlRecipes: Recipe[] = [
  success('listThreadListeners', 'the user has a conversation', async ({ call, cast, conversation }) =>
    call('listThreadListeners', { as: cast.desk, body: { user_id: await conversation() } }),
  ),
  failure('listThreadListeners', 404, 'user_not_found', 'there is no such user', ({ call, cast, newUserId }) =>
    call('listThreadListeners', { as: cast.desk, body: { user_id: newUserId() } }),
  ),
  success('requestThreadControl', 'the IVA passes', async ({ call, cast, conversation }) =>
    call('requestThreadControl', {
      as: cast.iva,
      body: { user_id: await conversation(), type: 'pass', requester: 'iva', receiver: 'desk' },
    }),
  ),
  success('requestThreadControl', 'the IVA is asked', async ({ call, cast, conversation }) => {
    const body = { user_id: await conversation(), type: 'request', requester: 'desk', receiver: 'iva' }
    const answer = await call('requestThreadControl', { as: cast.desk, body })
    if (answer.body.status !== 'pending') throw new Error(`it is not pending: ${answer.text}`)
    return answer
  }),
  success('requestThreadControl', 'the desk may not take', async ({ call, cast, conversation }) => {
    const body = { user_id: await conversation(), type: 'take', requester: 'desk', receiver: 'desk' }
    const answer = await call('requestThreadControl', { as: cast.desk, body })
    if (answer.body.reason?.code !== 'not_primary') throw new Error(`it is not refused: ${answer.text}`)
    return answer
  }),
  success('requestThreadControl', 'the user has no conversation', async ({ call, cast, newUserId }) => {
    const user_id = newUserId()
    await call('upsertUser', { as: cast.md, body: { user_id } })
    const body = { user_id, type: 'pass', requester: 'iva', receiver: 'desk' }
    const answer = await call('requestThreadControl', { as: cast.iva, body })
    if (answer.body.reason?.code !== 'no_conversation') throw new Error(`it is not refused: ${answer.text}`)
    return answer
  }),
  failure('requestThreadControl', 409, 'conversation_over', 'another is meant', async ({ call, cast, conversation }) =>
    call('requestThreadControl', {
      as: cast.iva,
      body: { user_id: await conversation(), type: 'pass', receiver: 'desk', conversation_number: '2' },
    }),
  ),
  failure('requestThreadControl', 404, 'user_not_found', 'there is no such user', ({ call, cast, newUserId }) =>
    call('requestThreadControl', {
      as: cast.iva,
      body: { user_id: newUserId(), type: 'pass', requester: 'iva', receiver: 'desk' },
    }),
  ),
]
