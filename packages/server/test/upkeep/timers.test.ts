import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { ok } from '@tract/testing/call'
import { TestService } from '@tract/testing/service'
import { until } from '@tract/testing/until'
import pg from 'pg'

let service: TestService
let database: pg.Pool

beforeAll(async () => {
  service = await TestService.start()
  database = new pg.Pool({ connectionString: service.databaseUrl, max: 1 })
})
afterAll(async () => {
  await database.end()
  await service.close()
})

test('a timer that cannot be run holds up no other', async () => {
  const { organisation, listeners } = await service.world({ iva: 'iva', md: 'md' })
  const users = Array.from({ length: 8 }, (_, index) => `u${index}`)
  for (const user_id of users) {
    await ok(listeners.md.post('/platform/message/send/', { user_id, message_body: 'hello', sender: 'ceu', user: {} }))
  }
  // All of them have been idle for two days; of the first half, what thread control remembers is unreadable.
  await database.query(
    `update threads set last_activity_at = now() - interval '2 days', deadline_at = now() - interval '1 day',
      memory = case when user_id < 'u4' then 'null'::jsonb else memory end where organisation_id = $1`,
    [organisation],
  )
  const completed = async () => {
    const { rows } = await database.query(
      "select user_id from threads where organisation_id = $1 and conversation_state = 'complete' order by user_id",
      [organisation],
    )
    return rows.map(({ user_id }) => user_id)
  }
  await until(async () => (await completed()).length >= 4, 'the end of the readable ones')
  expect(await completed()).toEqual(users.slice(4))
})
