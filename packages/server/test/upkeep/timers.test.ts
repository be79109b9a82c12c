import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { ok } from '@tract/testing/call'
import { TestService } from '@tract/testing/service'
import { ago } from '@tract/testing/stored'
import { until } from '@tract/testing/until'

const DAY_S = 86_400

let service: TestService

beforeAll(async () => {
  service = await TestService.start()
})
afterAll(() => service.close())

test('a timer that cannot be run holds up no other', async () => {
  const { organisation, listeners } = await service.world({ iva: 'iva', md: 'md' })
  const users = Array.from({ length: 8 }, (_, index) => `u${index}`)
  for (const user_id of users) {
    await ok(listeners.md.post('/platform/message/send/', { user_id, message_body: 'hello', sender: 'ceu', user: {} }))
  }
  // All of them have been idle for two days; of the first half, what thread control remembers is unreadable.
  const { stored } = service
  await stored.change('threads', { memory: 'null' }, { organisation_id: organisation, user_id: users.slice(0, 4) })
  const idle = { last_activity_at: ago(2 * DAY_S), deadline_at: ago(DAY_S) }
  await stored.change('threads', idle, { organisation_id: organisation })
  const complete = { organisation_id: organisation, conversation_state: 'complete' }
  const completed = async () => (await stored.rows('threads', complete, 'user_id')).map(({ user_id }) => user_id)
  await until(async () => (await completed()).length >= 4, 'the end of the readable ones')
  expect(await completed()).toEqual(users.slice(4))
})
