import { randomUUID } from 'node:crypto'
import { describe, expect, test } from '@jest/globals'
import type { Answer } from '@tract/testing/call'
import { until } from '@tract/testing/until'
import { Lock } from '../support/lock.js'
import { client, isReplayed, newKey, sendHello, useWorld, world } from './keyed-calls.js'

useWorld()

describe('a first attempt that failed leaves no key:', () => {
  const LOCK_THREAD = 'select 1 from threads where user_id = $1 for update'

  async function cutOff(statement: string, value: string, calling: () => Promise<Answer>): Promise<Answer> {
    const lock = await Lock.hold(world.service.databaseUrl, statement, value)
    return lock.killWhile(calling)
  }

  async function isFirst(
    answer: Answer,
    headers: Record<string, string>,
    calling: () => Promise<Answer>,
  ): Promise<void> {
    const { rows } = await client.query('select 1 from idempotency_keys where key = $1', [headers['idempotency-key']])
    expect([answer.status, answer.body.code, rows.length]).toEqual([503, 'unavailable', 0])
    const second = await calling()
    expect([second.status, isReplayed(second)]).toEqual([200, false])
    expect(isReplayed(await calling())).toBe(true)
  }

  test('a message whose transaction was killed', async () => {
    const user_id = await world.conversation()
    const headers = newKey()
    const calling = () => sendHello(user_id, headers)
    await isFirst(await cutOff(LOCK_THREAD, user_id, calling), headers, calling)
    const { rows } = await client.query('select message_id from messages where user_id = $1', [user_id])
    expect(rows).toHaveLength(2)
  })

  test('an event whose transaction was killed', async () => {
    const user_id = await world.deskConversation()
    const headers = newKey()
    const body = { user_id, type: 'aeu_events', subtype: 'allocated' }
    const calling = () => world.call('sendEvent', { as: world.cast.desk, body, headers })
    await isFirst(await cutOff(LOCK_THREAD, user_id, calling), headers, calling)
  })

  test('an event whose transaction was killed while its repetition waited for it', async () => {
    const user_id = await world.deskConversation()
    const headers = newKey()
    const body = { user_id, type: 'aeu_events', subtype: 'allocated' }
    const calling = () => world.call('sendEvent', { as: world.cast.desk, body, headers })
    const lock = await Lock.hold(world.service.databaseUrl, LOCK_THREAD, user_id)
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
    const lock = 'select 1 from organisations where id = $1 for update'
    await isFirst(await cutOff(lock, organisation, calling), headers, calling)
  })

  test('a message whose last statement failed', async () => {
    const user_id = await world.conversation()
    const headers = newKey()
    await client.query('alter table idempotency_keys rename column answer to answer_gone')
    const failed = await sendHello(user_id, headers)
    await client.query('alter table idempotency_keys rename column answer_gone to answer')
    expect([failed.status, failed.body.code]).toEqual([500, 'internal_error'])
    const answer = await sendHello(user_id, headers)
    expect([answer.status, isReplayed(answer), answer.body.message_id]).toEqual([200, false, 2])
  })
})
