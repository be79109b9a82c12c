/** For suites about the dispatcher: an engine, empty before each test, and a receiver for its one hook. */
import { afterAll, afterEach, beforeAll, beforeEach } from '@jest/globals'
import { Receiver } from '@tract/testing/receiver'
import { Engine } from './engine.js'

export let engine: Engine
export let receiver: Receiver

export const ids = () => receiver.received.map(({ id }) => id)
export const attempts = async () => (await engine.attempts()).map(({ user_id, ...attempt }) => attempt)
export const gaps = () =>
  receiver.received.flatMap(({ sequence, headers }) => (headers['tract-gap'] ? [[sequence, headers['tract-gap']]] : []))
export const lane = (listener = 'desk') => engine.stored.row('lanes', { listener })

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
