import { once } from 'node:events'
import { connect } from 'node:net'
import { expect, test } from '@jest/globals'
import { ok } from '@tract/testing/call'
import { TestService } from '@tract/testing/service'
import { until } from '@tract/testing/until'
import { isListening } from './support/raw.js'

test('a service that stops answers what is under way, and waits for nobody who then only keeps a connection', async () => {
  const service = await TestService.start()
  const { md } = (await service.world({ md: 'md', iva: 'iva' })).listeners
  const message = { user_id: 'asha', sender: 'ceu', message_body: 'Hello' }
  await ok(md.post('/platform/message/send/', { ...message, user: {} }))
  const lock = await service.stored.lock('threads', { user_id: 'asha' })
  const call = md.post('/platform/message/send/', message)
  await until(() => lock.waiting('threads'), 'the call to be under way')
  const stopped = service.close()
  await until(async () => !(await isListening(service.url)), 'the end of listening')
  await lock.release()
  expect((await call).status).toBe(200)
  // the caller's connection would be kept for longer than a test takes
  await stopped
})

test('a service that stops does not wait for a connection on which nothing comes', async () => {
  // Without that it is waited for until its time to send a head is over, however fast the machine.
  await until(async () => {
    const service = await TestService.start()
    const { hostname, port } = new URL(service.url)
    const socket = connect(Number(port), hostname).on('error', () => {})
    await once(socket, 'connect')
    const began = Date.now()
    await service.close()
    socket.destroy()
    return Date.now() - began < 5_000
  }, 'an end without that wait')
})
