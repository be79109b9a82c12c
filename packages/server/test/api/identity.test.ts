import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { ok } from '@tract/testing/call'
import { TestService } from '@tract/testing/service'
import { DELIVERY_SETTINGS } from '../../src/deliver/settings.js'

let service: TestService
beforeAll(async () => {
  service = await TestService.start({ delivery: { retry: { ...DELIVERY_SETTINGS.retry, delays: [20, 40] } } })
})
afterAll(() => service.close())

const limits = {
  unreachable_after: 30,
  offer_within: 45,
  allocate_within: 90,
  idle_complete_after: 600,
  history_messages: 5,
}

test('a client is told which listener it is, and what holds for that now', async () => {
  const { organisation, listeners } = await service.world(
    { desk: 'ect', iva: 'iva' },
    { name: 'Asha Telecom', ...limits },
  )
  const { client_id } = listeners.desk.credentials
  expect(await ok(listeners.desk.post('/tract/whoami/', {}))).toEqual({
    listener: 'desk',
    name: 'desk',
    kind: 'ect',
    standby: true,
    organisation,
    organisation_name: 'Asha Telecom',
    client: client_id,
    scopes: [
      ...['deliveries', 'events:write', 'hooks', 'messages:read', 'messages:write'],
      ...['threads:control', 'threads:read', 'users:read'],
    ],
    ...limits,
    retry: {
      answer_within: 5,
      pauses: [0.02, 0.04],
      jitter: 0.2,
      give_up_after: 86_400,
      refused_pauses: [1, 3, 7, 14],
      longest_retry_after: 300,
    },
  })
  expect((await ok(listeners.iva.post('/tract/whoami/', {}))).kind).toBe('iva')

  const admin = await service.admin()
  const changed = { organisation_id: organisation, allocate_within: null, history_messages: 0 }
  await ok(admin.post('/platform/organisations/update/', changed))
  const after = await ok(listeners.desk.post('/tract/whoami/', {}))
  expect(after).toMatchObject({ history_messages: 0, unreachable_after: 30 })
  expect(after).not.toHaveProperty('allocate_within')
})

test('the token says for what it is, not its client', async () => {
  const { listeners } = await service.world({ desk: 'ect' })
  const narrow = await service.login(listeners.desk.credentials, 'hooks deliveries')
  expect((await ok(narrow.post('/tract/whoami/', {}))).scopes).toEqual(['deliveries', 'hooks'])
})

test('an operator is no listener, unless it calls for one', async () => {
  const { organisation } = await service.world({ desk: 'ect' })
  const admin = await service.admin()
  expect((await admin.post('/tract/whoami/', {})).body.code).toBe('insufficient_scope')
  const acting = await admin.post('/tract/whoami/', {}, { 'tract-act-for': `${organisation}/desk` })
  expect(acting.body).toMatchObject({ listener: 'desk', organisation, client: admin.credentials.client_id })
})
