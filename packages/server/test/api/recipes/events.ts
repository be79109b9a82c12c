import { ok } from '@tract/testing/call'
import { failure, type OperationName, type Recipe, success } from './recipe.js'
import type { Cast, RecipeWorld } from './recipe-world.js'

const ALLOCATED = { type: 'aeu_events', subtype: 'allocated' }
const COMPLETE = { type: 'conversation_state', subtype: 'complete' }
const ACCEPTED = { type: 'thread_control', subtype: 'accepted' }
const BOT = { type: 'conversation_state', subtype: 'bot' }
const receipt = (message_id: number) => ({
  type: 'message',
  subtype: 'delivered',
  metadata: JSON.stringify({ message_id }),
})

const edit = (message_body: unknown) => ({
  type: 'message',
  subtype: 'edited',
  metadata: JSON.stringify({ message_id: 1, message_body }),
})
const BROKEN = { type: 'TEXT', data: {} }
const DELETION = { type: 'message', subtype: 'deleted', metadata: '{"message_id": 1}' }

const feedback = (metadata: object) => ({
  type: 'user_events',
  subtype: 'feedback',
  metadata: JSON.stringify(metadata),
})

const send =
  (operation: OperationName, who: keyof Cast, user: (world: RecipeWorld) => string | Promise<string>, event: object) =>
  async (world: RecipeWorld) =>
    world.call(operation, { as: world.cast[who], body: { user_id: await user(world), ...event } })

const withIva = (world: RecipeWorld) => world.conversation()
const withDesk = (world: RecipeWorld) => world.deskConversation()
const withOneThatIsNew = async (world: RecipeWorld) => {
  const user_id = world.newUserId()
  await world.call('upsertUser', { as: world.cast.md, body: { user_id } })
  return user_id
}
/** Message 1 is the assistant's, in conversation 1, which is over. */
const withWhatIvaSaid = async (world: RecipeWorld) => {
  const user_id = await withOneThatIsNew(world)
  const { call, cast } = world
  await ok(call('requestThreadControl', { as: cast.iva, body: { user_id, type: 'request', receiver: 'iva' } }))
  await ok(call('sendPlatformMessage', { as: cast.iva, body: { user_id, message_body: 'Hello', sender: 'iva' } }))
  await ok(call('sendEvent', { as: cast.iva, body: { user_id, ...COMPLETE } }))
  return user_id
}
const nobody = (world: RecipeWorld) => world.newUserId()

/** What the three operations that take events have in common. */
const common = (operation: OperationName): Recipe[] => [
  success(operation, 'a message was delivered', send(operation, 'md', withIva, receipt(1))),
  failure(
    operation,
    400,
    'unknown_event',
    'there is no such event',
    send(operation, 'iva', withIva, { type: 'aeu_events', subtype: 'arrived' }),
  ),
  failure(operation, 403, 'event_not_allowed', 'only TRACT says so', send(operation, 'iva', withIva, BOT)),
  failure(operation, 404, 'user_not_found', 'there is no such user', send(operation, 'iva', nobody, COMPLETE)),
  failure(operation, 404, 'message_not_found', 'there is no such message', send(operation, 'md', withIva, receipt(99))),
  success(operation, 'the user edits a message', send(operation, 'md', withIva, edit('Hello again'))),
  success(operation, 'the user deletes a message', send(operation, 'md', withIva, DELETION)),
  failure(
    operation,
    400,
    'invalid_message_body',
    'an edit is no element',
    send(operation, 'md', withIva, edit(BROKEN)),
  ),
  failure(
    operation,
    409,
    'conversation_over',
    'what is edited was said in a conversation that is over',
    send(operation, 'iva', withWhatIvaSaid, edit('Hello again')),
  ),
  success(operation, 'the user rates a conversation', send(operation, 'md', withIva, feedback({ score: 5 }))),
  failure(
    operation,
    404,
    'conversation_not_found',
    'a conversation is rated that is not there',
    send(operation, 'md', withIva, feedback({ score: 5, conversation_number: '99' })),
  ),
  failure(operation, 409, 'not_in_control', 'the desk is in control', send(operation, 'iva', withDesk, COMPLETE)),
  failure(
    operation,
    409,
    'no_conversation',
    'the user has had no conversation',
    send(operation, 'iva', withOneThatIsNew, COMPLETE),
  ),
  failure(operation, 409, 'no_offer', 'it was offered nothing', send(operation, 'iva', withDesk, ACCEPTED)),
]

const ofTheDesk = (operation: OperationName): Recipe[] => [
  success(operation, 'the desk has allocated an agent', send(operation, 'desk', withDesk, ALLOCATED)),
  failure(
    operation,
    409,
    'user_mismatch',
    'the user has another id elsewhere',
    send(operation, 'desk', withDesk, { ...ALLOCATED, third_party_user_id: 'another' }),
  ),
  failure(
    operation,
    409,
    'conversation_over',
    'another conversation is meant',
    send(operation, 'desk', withDesk, { ...ALLOCATED, conversation_number: '2' }),
  ),
]

export const eventRecipes: Recipe[] = [
  ...common('sendEvent'),
  ...ofTheDesk('sendEvent'),
  ...common('sendEventAlias'),
  ...ofTheDesk('sendEventAlias'),
  ...common('sendPlatformEvent'),
]
