import { failure, type Recipe, success } from './recipe.js'
import type { RecipeWorld } from './recipe-world.js'

const HELLO = { message_body: 'Hello', sender: 'aeu' }
/** A BUTTON has items. */
const BROKEN = { message_body: '{"type": "BUTTON", "text": "Which?", "data": {"items": "none"}}' }

/** An organisation without a listener for new conversations. */
const undecided = async ({ service }: RecipeWorld) =>
  (await service.world({ md: 'md', desk: 'ect', other_desk: 'ect' })).listeners

export const messageRecipes: Recipe[] = [
  success('sendTyping', 'an agent types', async (world) =>
    world.call('sendTyping', { as: world.cast.desk, body: { on: true, user_id: await world.deskConversation() } }),
  ),
  failure('sendTyping', 403, 'sender_not_allowed', 'an observer types', async (world) =>
    world.call('sendTyping', { as: world.cast.observer, body: { on: true, user_id: await world.deskConversation() } }),
  ),
  failure('sendTyping', 404, 'user_not_found', 'there is no such user', (world) =>
    world.call('sendTyping', { as: world.cast.desk, body: { on: true, user_id: world.newUserId() } }),
  ),
  failure('sendTyping', 409, 'not_in_control', 'the IVA is in control', async (world) =>
    world.call('sendTyping', { as: world.cast.desk, body: { on: true, user_id: await world.conversation() } }),
  ),
  success('sendMessage', 'the desk is in control', async (world) =>
    world.call('sendMessage', { as: world.cast.desk, body: { ...HELLO, user_id: await world.deskConversation() } }),
  ),
  success('sendMessage', 'there is something to warn of', async (world) => {
    const body = { user_id: await world.deskConversation(), sender: 'ect', message_body: '{"type": "HOLOGRAM"}' }
    const answer = await world.call('sendMessage', { as: world.cast.desk, body })
    if (!answer.body.warnings) throw new Error('there is no warning')
    return answer
  }),
  failure('sendMessage', 400, 'invalid_message_body', 'the message is no valid HSL', async (world) =>
    world.call('sendMessage', {
      as: world.cast.desk,
      body: { ...HELLO, ...BROKEN, user_id: await world.deskConversation() },
    }),
  ),
  failure('sendMessage', 403, 'sender_not_allowed', 'the IVA writes as an agent', async (world) =>
    world.call('sendMessage', { as: world.cast.iva, body: { ...HELLO, user_id: await world.conversation() } }),
  ),
  failure('sendMessage', 404, 'user_not_found', 'there is no such user', (world) =>
    world.call('sendMessage', { as: world.cast.desk, body: { ...HELLO, user_id: world.newUserId() } }),
  ),
  failure('sendMessage', 409, 'not_in_control', 'the IVA is in control', async (world) =>
    world.call('sendMessage', { as: world.cast.desk, body: { ...HELLO, user_id: await world.conversation() } }),
  ),
  failure('sendMessage', 409, 'conversation_over', 'another conversation is meant', async (world) => {
    const body = { ...HELLO, user_id: await world.deskConversation(), conversation_number: '2' }
    return world.call('sendMessage', { as: world.cast.desk, body })
  }),
  failure('sendMessage', 409, 'user_mismatch', 'the user has another id elsewhere', async (world) => {
    const body = { ...HELLO, user_id: await world.deskConversation(), third_party_user_id: 'another' }
    return world.call('sendMessage', { as: world.cast.desk, body })
  }),

  success('sendPlatformMessage', 'the user writes for the first time', (world) =>
    world.call('sendPlatformMessage', {
      as: world.cast.md,
      body: { user_id: world.newUserId(), message_body: 'Hello', sender: 'ceu', user: { user_name: 'Asha' } },
    }),
  ),
  success('sendPlatformMessage', 'the IVA answers', async (world) =>
    world.call('sendPlatformMessage', {
      as: world.cast.iva,
      body: { user_id: await world.conversation(), message_body: 'Hello', sender: 'iva', metadata: { score: 0.5 } },
    }),
  ),
  failure('sendPlatformMessage', 400, 'invalid_message_body', 'the message is no valid HSL', async (world) =>
    world.call('sendPlatformMessage', {
      as: world.cast.md,
      body: { message_body: JSON.parse(BROKEN.message_body), sender: 'ceu', user_id: await world.conversation() },
    }),
  ),
  failure('sendPlatformMessage', 403, 'sender_not_allowed', 'message delivery writes as the IVA', async (world) =>
    world.call('sendPlatformMessage', {
      as: world.cast.md,
      body: { user_id: await world.conversation(), message_body: 'Hello', sender: 'iva' },
    }),
  ),
  failure('sendPlatformMessage', 404, 'user_not_found', 'there is no such user', (world) =>
    world.call('sendPlatformMessage', {
      as: world.cast.md,
      body: { user_id: world.newUserId(), message_body: 'Hello', sender: 'ceu' },
    }),
  ),
  failure('sendPlatformMessage', 409, 'not_in_control', 'the IVA answers after a pass', async (world) =>
    world.call('sendPlatformMessage', {
      as: world.cast.iva,
      body: { user_id: await world.deskConversation(), message_body: 'Hello', sender: 'iva' },
    }),
  ),
  failure('sendPlatformMessage', 409, 'conversation_over', 'another conversation is meant', async (world) =>
    world.call('sendPlatformMessage', {
      as: world.cast.md,
      body: { user_id: await world.conversation(), message_body: 'Hello', sender: 'ceu', conversation_number: '2' },
    }),
  ),
  failure('sendPlatformMessage', 409, 'no_default_receiver', 'nobody could get the conversation', async (world) =>
    world.call('sendPlatformMessage', {
      as: (await undecided(world)).md,
      body: { user_id: world.newUserId(), message_body: 'Hello', sender: 'ceu', user: {} },
    }),
  ),
]
