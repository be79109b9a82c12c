import { randomUUID } from 'node:crypto'
import { describe, expect, test } from '@jest/globals'
import { ok } from '@tract/testing/call'
import { contract, effects, isReplayed, newKey, sendHello, useWorld, world } from './keyed-calls.js'

useWorld()

describe('a key', () => {
  test('that came with another body is refused, and still stands for the first', async () => {
    const user_id = await world.conversation()
    const headers = newKey()
    const first = await sendHello(user_id, headers)
    const before = await effects()
    const other = await sendHello(user_id, headers, { message_body: 'Hello!' })
    expect([other.status, other.body.code, isReplayed(other)]).toEqual([422, 'idempotency_key_reused', false])
    expect(await effects()).toEqual(before)
    expect((await sendHello(user_id, headers)).text).toBe(first.text)
  })

  test('that came with another operation is refused', async () => {
    const headers = newKey()
    const as = world.cast.sac
    const body = { category: 'message', subcategory: 'sent', url: `${world.receiver.url}/sent` }
    const { id } = await ok(world.call('registerHook', { as, body, headers }))
    await ok(world.call('disableHook', { as, body: { id }, headers: newKey() }))
    const enabling = newKey()
    await ok(world.call('enableHook', { as, body: { id }, headers: enabling }))
    expect((await world.call('unregisterHook', { as, body: { id }, headers: enabling })).status).toBe(422)
    expect((await world.call('registerHook', { as, body: { ...body, id }, headers })).status).toBe(400)
  })

  test('stands for the same in the other name of an operation', async () => {
    const request = {
      as: world.cast.desk,
      body: { user_id: await world.deskConversation(), type: 'aeu_events', subtype: 'received' },
      headers: newKey(),
    }
    await ok(world.call('sendEvent', request))
    expect(isReplayed(await world.call('sendEventAlias', request))).toBe(true)
  })

  test('of another client is another key', async () => {
    const headers = newKey()
    const body = { category: 'message', subcategory: 'failed', url: `${world.receiver.url}/failed` }
    const ids = []
    for (const as of [world.cast.desk, world.cast.sac]) {
      const answer = await world.call('registerHook', { as, body, headers })
      expect([answer.status, isReplayed(answer)]).toEqual([200, false])
      ids.push(answer.body.id)
    }
    expect(ids[0]).not.toBe(ids[1])
  })

  test('is the client’s, whatever token it comes with, and needs its scope all the same', async () => {
    const { service, cast } = world
    const request = { body: { user_id: world.newUserId() }, headers: newKey() }
    await ok(world.call('upsertUser', { ...request, as: cast.md }))
    const again = await service.login(cast.md.credentials, 'platform:users')
    expect(isReplayed(await world.call('upsertUser', { ...request, as: again }))).toBe(true)
    const without = await service.login(cast.md.credentials, 'hooks')
    expect((await world.call('upsertUser', { ...request, as: without })).status).toBe(403)
  })

  test.each([
    ['255 characters', 'k'.repeat(255), 200],
    ['256 characters', 'k'.repeat(256), 400],
    ['no characters', '', 400],
  ])('of %s is answered %i', async (_about, key, status) => {
    const headers = { 'idempotency-key': key.slice(0, -36) + randomUUID().slice(0, key.length) }
    const answer = await world.call('upsertUser', { as: world.cast.md, body: { user_id: world.newUserId() }, headers })
    expect(answer.status).toBe(status)
    expect(contract.problems('upsertUser', answer)).toEqual([])
    if (status === 400) expect(answer.body.issues).toMatchObject([{ path: 'idempotency-key' }])
  })

  test('does nothing to an operation that changes nothing', async () => {
    const request = { as: world.cast.desk, body: { user_id: await world.conversation() }, headers: newKey() }
    await ok(world.call('getUser', request))
    expect(isReplayed(await world.call('getUser', request))).toBe(false)
    expect((await world.call('getUser', { ...request, body: { user_id: 'nobody' } })).status).toBe(404)
  })

  test('does not keep what was never a call of the operation', async () => {
    const headers = newKey()
    const user_id = await world.conversation()
    expect((await sendHello(user_id, headers, { message_body: 5 })).status).toBe(400)
    const answer = await sendHello(user_id, headers)
    expect([answer.status, isReplayed(answer)]).toEqual([200, false])
  })
})
