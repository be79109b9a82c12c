/** The listeners that an organisation names: which is refused, and for what. */
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { Caller } from '@tract/testing/call'
import { TestService } from '@tract/testing/service'

let service: TestService
let admin: Caller
let organisation_id: string

beforeAll(async () => {
  service = await TestService.start()
  organisation_id = (await service.world({ iva: 'iva', md: 'md', desk: 'ect' })).organisation
  admin = await service.admin()
})
afterAll(() => service.close())

test.each([
  [{ default_listener: 'none' }, 'default_listener', 'listener none of kind iva, sac or ect'],
  [{ default_listener: 'md' }, 'default_listener', 'listener md of kind iva, sac or ect'],
  [{ fallback_listener: 'iva' }, 'fallback_listener', 'listener iva of kind sac or ect'],
  [{ default_listener: 'iva', fallback_listener: 'md' }, 'fallback_listener', 'listener md of kind sac or ect'],
])('%j is refused by the one that does not fit', async (changes, field, named) => {
  const { status, body } = await admin.post('/platform/organisations/update/', { organisation_id, ...changes })
  expect([status, body.code, body.issues?.[0].path]).toEqual([404, 'listener_not_found', `/${field}`])
  expect(body.error).toBe(`The organisation has no ${named}, as its ${field} has to be.`)
})
