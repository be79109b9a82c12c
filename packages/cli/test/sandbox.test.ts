import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { TestService } from '@tract/testing/service'
import { Cli } from './support/cli.js'

let service: TestService
let cli: Cli

beforeAll(async () => {
  service = await TestService.start({ environment: { TRACT_SANDBOX: 'on' } })
  cli = await Cli.create()
  await cli.run('login', '--from', join(service.dataDir, 'demo.json'))
})
afterAll(async () => {
  await cli.close()
  await service.close()
})

test('the sandbox has profiles of its own, beside the demo’s', async () => {
  const { stdout } = await cli.run('profiles', 'list')
  for (const listener of ['iva', 'message_delivery', 'desk']) {
    expect(stdout).toMatch(new RegExp(`^[ *]+${listener} +${listener} `, 'm'))
    expect(stdout).toMatch(new RegExp(`^[ *]+sandbox-${listener} +${listener} `, 'm'))
  }
  expect((await stat(join(service.dataDir, 'demo.json'))).mode & 0o777).toBe(0o600)
})

test('what is triggered there happens in the sandbox’s organisation', async () => {
  const ended = await cli.run(
    ...['trigger', 'message.receive', '--profile', 'sandbox-message_delivery', '--user', 'triggered', '--json'],
  )
  expect(ended.exit).toBe(0)
  expect(ended.json).toMatchObject({ through: 'platformMessages.send', result: { message_id: 1 } })
  const message = await service.stored.row('messages', { user_id: 'triggered', message_id: 1 })
  const organisation = await service.stored.row('organisations', { id: message.organisation_id })
  expect(organisation.name).toBe('Sandbox')
})
