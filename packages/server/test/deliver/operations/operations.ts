/** For suites about what callers do with deliveries: an engine, empty before each test. */
import { afterAll, afterEach, beforeAll, beforeEach } from '@jest/globals'
import { Receiver } from '@tract/testing/receiver'
import { until } from '@tract/testing/until'
import { Sliced } from '../../../src/database/slices.js'
import { RETRY_POLICY } from '../../../src/deliver/health/retry-policy.js'
import { listDeliveries } from '../../../src/lanes/deliveries.js'
import type { DeliveryFilter } from '../../../src/lanes/delivery-places.js'
import { Engine } from '../engine.js'

export let engine: Engine
export let receiver: Receiver

/** The database as one slice. */
export const slices = () => new Sliced([engine.pool])

export const filter = (given: Partial<DeliveryFilter> = {}): DeliveryFilter => ({
  organisationId: engine.organisationId,
  listener: 'desk',
  ...given,
})
export const reference = (id: string | undefined, listener: string | null = 'desk') => ({
  organisationId: engine.organisationId,
  listener,
  id: id ?? '',
})
export const listed = async (given: Partial<DeliveryFilter> = {}) =>
  (await listDeliveries(slices(), filter(given), { limit: 200 })).deliveries.map(({ id }) => id)
export const newestFirst = (items: { id: string }[]) =>
  items
    .map(({ id }) => id)
    .sort()
    .reverse()
/** The dispatcher rests on a head that fails, with the next attempt far away. */
export const failing = async () => {
  receiver.answer = () => ({ status: 500 })
  const started = await engine.dispatcher({
    settings: { retry: { ...RETRY_POLICY, delays: [60_000], jitter: 0, deadline: 1e9, longestRetryAfter: 1 } },
  })
  await until(() => engine.stored.row('lanes', { attempt: 1 }), 'the head has failed')
  return started
}

export function useEngine(): void {
  beforeAll(async () => {
    engine = await Engine.create()
    receiver = await Receiver.start()
  })
  beforeEach(async () => {
    await engine.clear()
    receiver.received.length = 0
    receiver.answer = () => ({})
    for (const listener of ['desk', 'md']) engine.hooks.set(listener, { url: receiver.url })
  })
  afterEach(() => engine.stopAll())
  afterAll(async () => {
    await engine.close()
    await receiver.close()
  })
}
