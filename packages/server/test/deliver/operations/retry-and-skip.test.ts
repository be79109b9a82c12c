import { describe, expect, test } from '@jest/globals'
import { until } from '@tract/testing/until'
import { retryDelivery, skipDelivery } from '../../../src/lanes/delivery-operations.js'
import { engine, failing, receiver, reference, useEngine } from './operations.js'

useEngine()

describe('retrying', () => {
  test('tries the head at once', async () => {
    const [item] = await engine.enqueue('u1', [{ listener: 'desk' }])
    const { wakeups } = await failing()
    receiver.answer = () => ({})
    const done = await retryDelivery(engine.pool, reference(item?.id), new Date())
    expect(done).toMatchObject({ kind: 'done', delivery: { id: item?.id, state: 'pending', attempts: 1 } })
    wakeups.wake(engine.key('u1').bucket)
    await engine.delivered()
    expect(receiver.received.map(({ attempt }) => attempt)).toEqual([1, 2])
  })

  test('is for the head only', async () => {
    const [first, second] = await engine.enqueue('u1', [{ listener: 'desk' }, { listener: 'desk' }])
    expect(await retryDelivery(engine.pool, reference(second?.id), new Date())).toEqual({
      kind: 'conflict',
      reason: 'not_head',
    })
    expect(await retryDelivery(engine.pool, reference(first?.id, 'md'), new Date())).toEqual({ kind: 'not_found' })
    await engine.dispatcher()
    await engine.delivered()
    expect(await retryDelivery(engine.pool, reference(first?.id), new Date())).toEqual({
      kind: 'conflict',
      reason: 'ended',
    })
  })
})

describe('skipping', () => {
  test('ends the head, and the lane goes on', async () => {
    const [first, second] = await engine.enqueue('u1', [{ listener: 'desk' }, { listener: 'desk' }])
    const { wakeups } = await failing()
    receiver.answer = () => ({})
    expect(await skipDelivery(engine.pool, reference(second?.id), new Date())).toEqual({
      kind: 'conflict',
      reason: 'not_head',
    })
    const done = await skipDelivery(engine.pool, reference(first?.id), new Date())
    expect(done).toMatchObject({
      kind: 'done',
      delivery: { id: first?.id, state: 'cancelled', attempts: 1, ended_at: expect.any(Date) },
    })
    wakeups.wake(engine.key('u1').bucket)
    await engine.delivered()
    expect(receiver.received.map(({ id, sequence }) => [id, sequence])).toEqual([
      [first?.id, 1],
      [second?.id, 2],
    ])
    expect(receiver.received[1]?.headers['tract-gap']).toBe(`1-1 ${first?.id}`)
    expect(await skipDelivery(engine.pool, reference(first?.id), new Date())).toEqual({
      kind: 'conflict',
      reason: 'ended',
    })
  })

  test('waits for nobody: what is being sent at this moment is not skipped', async () => {
    let answer: () => void = () => {}
    receiver.answer = () => new Promise((resolve) => (answer = () => resolve({})))
    const [item] = await engine.enqueue('u1', [{ listener: 'desk' }])
    await engine.dispatcher()
    await until(() => receiver.underWay === 1, 'it is under way')
    expect(await skipDelivery(engine.pool, reference(item?.id), new Date())).toEqual({
      kind: 'conflict',
      reason: 'in_flight',
    })
    answer()
    await engine.delivered()
    expect(await engine.states()).toEqual({ delivered: 1 })
  })
})
