/** Requests that are unusual, and right. */
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { type Caller, call, ok } from '@tract/testing/call'
import { TestService } from '@tract/testing/service'

let service: TestService
let desk: Caller

beforeAll(async () => {
  service = await TestService.start()
  const world = await service.world({ iva: 'iva', md: 'md', desk: 'ect' })
  desk = world.listeners.desk
  await world.write('u1')
})
afterAll(() => service.close())

test.each(['%', '%zz', 'a=%ff', '%00', 'a=1&a=2'])('where no query is described, %s is none', async (query) => {
  expect(await ok(call(`${service.url}/tract/hooks/list/?${query}`, { method: 'GET', token: desk.token }))).toEqual({
    hooks: [],
  })
  for (const path of ['/tract/auth/jwks/', '/.well-known/oauth-authorization-server'])
    await ok(call(`${service.url}${path}?${query}`, { method: 'GET' }))
})

test.each(['identity', 'IDENTITY', 'identity, Identity'])(
  'a body in Content-Encoding %s is as it is',
  async (coding) => {
    await ok(desk.post('/tract/user/', { user_id: 'u1' }, { 'content-encoding': coding }))
  },
)
