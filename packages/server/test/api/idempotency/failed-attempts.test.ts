import { randomUUID } from 'node:crypto'
import { describe, expect, test } from '@jest/globals'
import type { Answer } from '@tract/testing/call'
import { until } from '@tract/testing/until'
import { isReplayed, newKey, sendHello, stored, useWorld, world } from './keyed-calls.js'

useWorld()

describe('a first attempt that failed leaves no key:', () => {
  const lockThread = (user_id: string) => stored.lock('threads', { user_id })

  async function isFirst(
    answer: Answer,
    headers: Record<string, string>,
    calling: () => Promise<Answer>,
  ): Promise<void> {
    const keys = await stored.count('idempotency_keys', { key: headers['idempotency-key'] })
    expect([answer.status, answer.body.code, keys]).toEqual([503, 'unavailable', 0])
    const second = await calling()
    expect([second.status, isReplayed(second)]).toEqual([200, false])
    expect(isReplayed(await calling())).toBe(true)
  }

  test('a message whose transaction was killed', async () => {
    const user_id = await world.conversation()
    const headers = newKey()
    const calling = () => sendHello(user_id, headers)
    await isFirst(await (await lockThread(user_id)).killWhile(calling), headers, calling)
    expect(await stored.count('messages', { user_id })).toBe(2)
  })

  test('an event whose transaction was killed', async () => {
    const user_id = await world.deskConversation()
    const headers = newKey()
    const body = { user_id, type: 'aeu_events', subtype: 'allocated' }
    const calling = () => world.call('sendEvent', { as: world.cast.desk, body, headers })
    await isFirst(await (await lockThread(user_id)).killWhile(calling), headers, calling)
  })

  test('an event whose transaction was killed while its repetition waited for it', async () => {
    const user_id = await world.deskConversation()
    const headers = newKey()
    const body = { user_id, type: 'aeu_events', subtype: 'allocated' }
    const calling = () => world.call('sendEvent', { as: world.cast.desk, body, headers })
    const lock = await lockThread(user_id)
    const first = calling()
    const pid = await until(() => lock.waiting('threads'))
    const second = calling()
    await until(() => lock.waiting('insert into idempotency_keys'))
    await lock.kill(pid)
    expect([(await first).status, (await first).body.code]).toEqual([503, 'unavailable'])
    await lock.release()
    expect([(await second).status, isReplayed(await second)]).toEqual([200, false])
    expect(isReplayed(await calling())).toBe(true)
  })

  test('provisioning whose transaction was killed', async () => {
    const { organisation } = world
    const headers = newKey()
    const body = { organisation_id: organisation, listener_id: `listener-${randomUUID()}`, kind: 'analytics' }
    const calling = () => world.call('createListener', { as: world.admin, body, headers })
    const lock = await stored.lock('organisations', { id: organisation })
    await isFirst(await lock.killWhile(calling), headers, calling)
  })

  test('a message whose last statement failed', async () => {
    const user_id = await world.conversation()
    const headers = newKey()
    await stored.pool.query('alter table idempotency_keys rename column answer to answer_gone')
    const failed = await sendHello(user_id, headers)
    await stored.pool.query('alter table idempotency_keys rename column answer_gone to answer')
    expect([failed.status, failed.body.code]).toEqual([500, 'internal_error'])
    const answer = await sendHello(user_id, headers)
    expect([answer.status, isReplayed(answer), answer.body.message_id]).toEqual([200, false, 2])
  })
})
