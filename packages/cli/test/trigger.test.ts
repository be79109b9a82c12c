import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { Receiver } from '../../server/test/support/receiver.js'
import { type Tenant, TestService } from '../../server/test/support/service.js'
import { vendorEvents } from '../src/events.js'
import { Cli } from './support/cli.js'

let service: TestService
let tenant: Tenant<'iva' | 'desk' | 'md'>
let receiver: Receiver
let cli: Cli

beforeAll(async () => {
  service = await TestService.start()
  tenant = await service.tenant({ desk: 'ect', iva: 'iva', md: 'md' })
  receiver = await Receiver.start()
  cli = await Cli.create()
  const { desk, iva, md } = tenant.listeners
  await cli.profiles(service.url, { desk: desk.credentials, iva: iva.credentials, md: md.credentials })
  await receiver.hear(desk, ...vendorEvents)
})
afterAll(async () => {
  await cli.close()
  await receiver.close()
  await service.close()
})

test.each([
  [['message.receive', '--user', 'asha'], '--user'],
  [['message.receive', '--text', 'Bonjour'], '--text'],
  [['message.receive', '--via', 'test', '--metadata', '{}', '--text', 'a', '-p', 'desk'], '--text and no --metadata'],
  [['message.receive', '--metadata', '{}', '-p', 'md'], '--metadata'],
  [['aeu_events.allocated', '--user', 'asha', '--text', 'Bonjour'], '--text'],
])('what it could not heed is refused by name: %j', async (args, named) => {
  const before = receiver.received.length
  const ended = await cli.run('trigger', ...args)
  expect([ended.exit, ended.stdout, ended.stderr]).toEqual([2, '', expect.stringContaining(` ${named}`)])
  expect(receiver.received.length).toBe(before)
})
