import { createServer } from 'node:http'
import { expect, test } from '@jest/globals'
import { listen } from '@tract/testing/listen'
import { until } from '@tract/testing/until'
import { createHookReceiver, type HookHandlers } from '../../src/webhooks/index.js'
import { connect, desk, servers, stopServers, useDeliveringService, write } from './delivering-service.js'

useDeliveringService()

test('what is handled for longer than TRACT waits is handled once, and its answer still counts', async () => {
  let runs = 0
  let finish = () => {}
  const finished = new Promise<void>((resolve) => {
    finish = resolve
  })
  const handlers: HookHandlers = {
    'user_events.create_user': async () => {
      runs++
      await finished
      return { ect_user_id: 'case-1' }
    },
  }
  const connection = await connect(['user_events.create_user', 'message.receive'], { handlers })
  await write('hello')
  const { id } = await until(
    async () => (await desk.deliveries.list({ user_id: 'asha' })).deliveries.at(-1),
    'the delivery',
  )
  const attempts = async () => (await desk.deliveries.get({ id })).attempts
  await until(async () => (await attempts()).length >= 2, 'a second attempt, when the first has had its 5 s')
  finish()
  await until(() => connection.heard[0], 'the message after it')
  await write('hello again')
  const message = await until(() => connection.heard[1], 'a message that was sent later')
  expect(message.payload).toMatchObject({ ect_user_id: 'case-1' })
  expect(runs).toBe(1)
  const [first, ...others] = await attempts()
  expect(first).toMatchObject({ error: 'timeout' })
  expect(others.pop()).toMatchObject({ status: 200 })
  for (const other of others) expect(other).toMatchObject({ status: 429, error: 'rate_limited' })
})

test('a receiver that dies half-way gets the delivery again when it is back, and nothing overtakes it', async () => {
  let begun = false
  const handlers: HookHandlers = {
    'message.receive': () => {
      begun = true
      return new Promise(() => {})
    },
  }
  const { secrets, port } = await connect(['message.receive'], { handlers })
  await write('one')
  await write('two')
  await until(() => begun, 'the first attempt')
  await stopServers()

  const heard: [unknown, number][] = []
  const receiver = createHookReceiver({ secrets }).on('message', 'receive', ({ message_id }, { attempt }) => {
    heard.push([message_id, attempt])
  })
  const back = createServer(receiver.node)
  servers.push(back)
  await listen(back, port)
  await until(() => heard.length === 2, 'both messages')
  expect(heard).toEqual([
    [1, expect.any(Number)],
    [2, 1],
  ])
  expect(heard[0]?.[1]).toBeGreaterThan(1)
})
