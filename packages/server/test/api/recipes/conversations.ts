import { failure, type OperationName, type Recipe, success } from './recipe.js'
import type { RecipeWorld } from './recipe-world.js'

const ask =
  (operation: OperationName, user: (world: RecipeWorld) => string | Promise<string>, more: object = {}) =>
  async (world: RecipeWorld) =>
    world.call(operation, { as: world.cast.desk, body: { user_id: await user(world), ...more } })

const withDesk = (world: RecipeWorld) => world.deskConversation()
const nobody = (world: RecipeWorld) => world.newUserId()
const FIRST = { conversation_number: '1' }
const NONE = { conversation_number: '99' }

/** A conversation that is over, with all that a conversation can have. */
async function rated(world: RecipeWorld): Promise<string> {
  const user_id = await world.conversation()
  const pass = { user_id, type: 'pass', requester: 'iva', receiver: 'desk', context: { reason: 'billing' } }
  await world.call('requestThreadControl', { as: world.cast.iva, body: pass })
  const event = (type: string, subtype: string, metadata: object) => ({
    ...{ user_id, type, subtype },
    metadata: JSON.stringify(metadata),
  })
  const outcome = { reason: 'resolved', note: 'Paid back', tags: ['billing'] }
  await world.call('sendEvent', { as: world.cast.desk, body: event('conversation_state', 'complete', outcome) })
  const rating = { score: 5, resolved: true, comment: 'Quick' }
  await world.call('sendPlatformEvent', { as: world.cast.md, body: event('user_events', 'feedback', rating) })
  return user_id
}

/** With a message of an agent that was read. */
async function spoken(world: RecipeWorld): Promise<string> {
  const user_id = await world.deskConversation()
  const body = {
    user_id,
    sender: 'aeu',
    message_body: 'Hello',
    agent: { id: 'a-17', name: 'Ravi' },
    metadata: { a: 1 },
  }
  const { message_id } = (await world.call('sendMessage', { as: world.cast.desk, body })).body
  const metadata = JSON.stringify({ message_id, reason: 'none' })
  const read = { user_id, type: 'message', subtype: 'read', metadata }
  await world.call('sendPlatformEvent', { as: world.cast.md, body: read })
  return user_id
}

export const conversationRecipes: Recipe[] = [
  success('listConversations', 'the user has one', ask('listConversations', rated)),
  failure('listConversations', 404, 'user_not_found', 'there is no such user', ask('listConversations', nobody)),
  success('getConversation', 'it is rated', ask('getConversation', rated, FIRST)),
  failure('getConversation', 404, 'user_not_found', 'there is no such user', ask('getConversation', nobody, FIRST)),
  failure(
    'getConversation',
    404,
    'conversation_not_found',
    'there is no such conversation',
    ask('getConversation', withDesk, NONE),
  ),
  success('listMessages', 'an agent spoke, and it was read', ask('listMessages', spoken)),
  success('listMessages', 'there is more than a page', ask('listMessages', spoken, { limit: 1 })),
  success('listMessages', 'there is more before it', ask('listMessages', spoken, { limit: 1, before: 3 })),
  failure('listMessages', 404, 'user_not_found', 'there is no such user', ask('listMessages', nobody)),
  failure(
    'listMessages',
    404,
    'conversation_not_found',
    'there is no such conversation',
    ask('listMessages', withDesk, NONE),
  ),
]
