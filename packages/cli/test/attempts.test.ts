import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { ok } from '@tract/testing/call'
import { Receiver } from '@tract/testing/receiver'
import { TestService } from '@tract/testing/service'
import { until } from '@tract/testing/until'
import { Cli } from './support/cli.js'

let service: TestService
let cli: Cli

beforeAll(async () => {
  service = await TestService.start()
  cli = await Cli.create()
})
afterAll(async () => {
  await cli.close()
  await service.close()
})

test('a delivery that taught no id, since what was answered cannot be kept, says so', async () => {
  const { md, desk } = (await service.world({ iva: 'iva', md: 'md', desk: 'ect' })).listeners
  const teacher = await Receiver.start()
  teacher.answer = ({ hook }) =>
    hook === 'user_events.create_user' ? { body: { success: true, ect_user_id: 'a\0b' } } : {}
  await teacher.hear(desk, 'user_events.create_user', 'message.receive')
  await ok(md.post('/platform/message/send/', { user_id: 'u', message_body: 'Hello', sender: 'ceu', user: {} }))
  const { client_id, client_secret } = desk.credentials
  const env = { TRACT_URL: service.url, TRACT_CLIENT_ID: client_id, TRACT_CLIENT_SECRET: client_secret }
  const deliveries = (...args: string[]) => cli.runWith({ env }, 'deliveries', ...args)
  const { id } = await until(async () => {
    const taught = ['--event', 'user_events.create_user', '--state', 'delivered']
    return (await deliveries('list', '--json', ...taught)).json[0]
  }, 'the delivery to end')
  const { attempts } = (await deliveries('get', id, '--json')).json
  expect(attempts).toMatchObject([{ status: 200, error: 'invalid_ect_user_id' }])
  expect((await deliveries('get', id)).stdout).toMatch(/state +delivered[\s\S]+200 +invalid_ect_user_id/)
  await teacher.close()
})
