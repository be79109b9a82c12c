import { describe, expect, test } from '@jest/globals'
import { type Caller, ok } from '@tract/testing/call'
import type { OperationName } from '../recipes/recipe.js'
import { isReplayed, newKey, sendHello, stored, useWorld, world } from './keyed-calls.js'

useWorld()

describe('a kept answer', () => {
  test('is given again though it would be another by now', async () => {
    const user_id = await world.deskConversation()
    const request = { as: world.cast.desk, body: { user_id, message_body: 'Bye', sender: 'aeu' }, headers: newKey() }
    const first = await world.call('sendMessage', request)
    const complete = { user_id, type: 'conversation_state', subtype: 'complete' }
    await ok(world.call('sendEvent', { as: world.cast.desk, body: complete }))
    const again = await world.call('sendMessage', request)
    expect([again.text, isReplayed(again)]).toEqual([first.text, true])
    expect((await world.call('sendMessage', { ...request, headers: newKey() })).status).toBe(409)
  })

  test('is given again though the refusal has lost its reason', async () => {
    const user_id = await world.conversation()
    const request = { as: world.cast.desk, body: { user_id, message_body: 'Hi', sender: 'aeu' }, headers: newKey() }
    expect((await world.call('sendMessage', request)).status).toBe(409)
    await ok(
      world.call('requestThreadControl', {
        as: world.cast.iva,
        body: { user_id, type: 'pass', requester: 'iva', receiver: 'desk' },
      }),
    )
    const again = await world.call('sendMessage', request)
    expect([again.status, again.body.code, isReplayed(again)]).toEqual([409, 'not_in_control', true])
    expect((await world.call('sendMessage', { ...request, headers: newKey() })).status).toBe(200)
  })

  test('does nothing to what has changed since', async () => {
    const { organisation, listeners } = await world.service.world({ iva: 'iva', md: 'md', desk: 'ect' })
    const { iva, md, desk } = listeners
    await world.receiver.hear(desk, 'message.receive')
    const user_id = world.newUserId()
    const ask = async (as: Caller, operation: OperationName, body: object, headers = newKey()) =>
      ok(world.call(operation, { as, body, headers }))
    const conversation = async () => {
      await ask(md, 'sendPlatformMessage', { user_id, message_body: 'Hello', sender: 'ceu', user: {} })
      const pass = { user_id, type: 'pass', requester: 'iva', receiver: 'desk' }
      expect(await ask(iva, 'requestThreadControl', pass)).toMatchObject({ success: true, owner: 'desk' })
    }
    const owner = async () => {
      const found = await ask(iva, 'listThreadListeners', { user_id })
      return found.listeners.find(({ active }: { active: boolean }) => active)?.id
    }
    const listener = { organisation_id: organisation, listener_id: 'desk' }
    const disabling = newKey()

    await conversation()
    await ask(world.admin, 'updateListener', { ...listener, enabled: false }, disabling)
    expect(await owner()).toBe('iva')
    await ask(world.admin, 'updateListener', { ...listener, enabled: true })
    await ask(iva, 'sendEvent', { user_id, type: 'conversation_state', subtype: 'complete' })
    await conversation()
    expect(await ask(world.admin, 'updateListener', { ...listener, enabled: false }, disabling)).toMatchObject({
      enabled: false,
    })
    expect(await owner()).toBe('desk')
  })

  test('holds its secret, which the database does not show', async () => {
    const headers = newKey()
    const body = { category: 'aeu_events', subcategory: 'entity_update', url: `${world.receiver.url}/secret` }
    const { signing_secret } = await ok(world.call('registerHook', { as: world.cast.desk, body, headers }))
    const again = await world.call('registerHook', { as: world.cast.desk, body, headers })
    expect([again.body.signing_secret, isReplayed(again)]).toEqual([signing_secret, true])
    for (const { answer } of await stored.rows('idempotency_keys')) {
      expect(answer).not.toContain(signing_secret)
      expect(Buffer.from(answer, 'base64').toString('latin1')).not.toContain('whsec_')
    }
  })

  test('is forgotten after 24 hours', async () => {
    const user_id = await world.conversation()
    const headers = newKey()
    const first = await ok(sendHello(user_id, headers))
    await stored.age(86_460, 'idempotency_keys', ['created_at'], { key: headers['idempotency-key'] })
    const answer = await sendHello(user_id, headers, { message_body: 'Still there?' })
    expect([answer.status, isReplayed(answer), answer.body.message_id]).toEqual([200, false, first.message_id + 1])
  })

  test('is forgotten with the user that it is about', async () => {
    const user_id = await world.conversation()
    const headers = newKey()
    await ok(sendHello(user_id, headers))
    await ok(world.call('eraseUser', { as: world.cast.md, body: { user_id } }))
    const answer = await sendHello(user_id, headers)
    expect([answer.status, isReplayed(answer)]).toEqual([404, false])
  })
})
