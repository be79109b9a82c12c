/** For suites about the dispatcher: an engine, empty before each test, and a receiver for its one hook. */
import { afterAll, afterEach, beforeAll, beforeEach } from '@jest/globals'
import { Receiver } from '@tract/testing/receiver'
import { Engine } from './engine.js'

export let engine: Engine
export let receiver: Receiver

export const ids = () => receiver.received.map(({ id }) => id)
export const attempts = () =>
  engine.rows<{ number: number; status: number | null; error: string | null; answer: string | null }>(
    'select a.number, a.status, a.error, a.answer from wire_attempts a join deliveries d on d.id = a.delivery_id order by d.sequence, a.number',
  )
export const gaps = () =>
  receiver.received.flatMap(({ sequence, headers }) => (headers['tract-gap'] ? [[sequence, headers['tract-gap']]] : []))
export const lane = async (listener = 'desk') =>
  (await engine.rows('select * from lanes where listener = $1', [listener]))[0]

export function useDispatching(): void {
  beforeAll(async () => {
    engine = await Engine.create()
    receiver = await Receiver.start()
  })
  beforeEach(async () => {
    await engine.clear()
    receiver.received.length = 0
    receiver.answer = () => ({})
    engine.hooks.set('desk', { url: receiver.url })
  })
  afterEach(() => engine.stopAll())
  afterAll(async () => {
    await engine.close()
    await receiver.close()
  })
}
