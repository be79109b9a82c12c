import { describe, expect, test } from '@jest/globals'
import { v7 as uuidv7 } from 'uuid'
import { transaction } from '../../../src/database/database.js'
import { Sliced } from '../../../src/database/slices.js'
import { MOST_REPLAYED, type ReplayRequest, replayDeliveries } from '../../../src/lanes/delivery-operations.js'
import { engine, filter, receiver, useEngine } from './operations.js'

useEngine()

describe('replaying', () => {
  const replay = (request: ReplayRequest) =>
    transaction(engine.pool, (client) => replayDeliveries(new Sliced([client]), request, new Date()))
  const named = (...ids: (string | undefined)[]): ReplayRequest => ({
    organisationId: engine.organisationId,
    listener: 'desk',
    ids: ids.map((id) => id ?? ''),
  })

  const copies = async () =>
    (await engine.stored.rows('deliveries', {}, 'sequence')).filter(({ replay_of }) => replay_of !== null)

  test('sends copies in the old order, behind what is there, marked', async () => {
    const items = await engine.enqueue(
      'u1',
      [1, 2, 3].map((n) => ({ listener: 'desk', body: `{"n":${n}}` })),
    )
    await engine.dispatcher()
    await engine.delivered()
    receiver.received.length = 0
    const [waiting] = await engine.enqueue('u1', [{ listener: 'desk' }])
    const done = await replay(named(items[2]?.id, items[0]?.id))
    if (done.kind !== 'done') throw new Error(done.kind)
    expect(done).toMatchObject({
      more: false,
      buckets: [engine.key('u1').bucket],
      ids: [expect.any(String), expect.any(String)],
    })
    await engine.delivered()
    expect(receiver.received.map(({ sequence, text, headers }) => [sequence, text, headers['tract-replay']])).toEqual([
      [4, '{}', undefined],
      [5, '{"n":1}', 'true'],
      [6, '{"n":3}', 'true'],
    ])
    expect(receiver.received.map(({ headers }) => headers['tract-previous-id'])).toEqual([
      items[2]?.id,
      waiting?.id,
      receiver.received[1]?.id,
    ])
    expect(await copies()).toMatchObject([
      { id: receiver.received[1]?.id, replay_of: items[0]?.id },
      { id: receiver.received[2]?.id, replay_of: items[2]?.id },
    ])
    expect(new Set(done.ids)).toEqual(new Set((await copies()).map(({ id }) => id)))
  })

  test('goes to the lanes of many users at once', async () => {
    const items = []
    for (let user = 0; user < 20; user++)
      items.push(...(await engine.enqueue(`u${user}`, [{ listener: 'desk' }, { listener: 'desk' }])))
    await engine.dispatcher()
    await engine.delivered()
    expect(await replay(named(...items.map(({ id }) => id)))).toMatchObject({ kind: 'done' })
    await engine.delivered()
    expect(receiver.received).toHaveLength(80)
    const lanes = await engine.stored.rows('lanes')
    expect(lanes.map(({ head, tail }) => [head, tail])).toEqual(Array(20).fill([4, 4]))
  })

  test('of what is not the caller’s does nothing at all', async () => {
    const [mine] = await engine.enqueue('u1', [{ listener: 'desk' }])
    const [other] = await engine.enqueue('u1', [{ listener: 'md' }])
    for (const id of [other?.id, uuidv7(), 'no id']) {
      expect(await replay(named(mine?.id, id))).toEqual({ kind: 'not_found', missing: [id] })
    }
    expect(await engine.states()).toEqual({ pending: 2 })
  })

  test('by a filter takes what failed, and what was delivered only where that is named', async () => {
    const [delivered, failed] = await engine.enqueue('u1', [{ listener: 'desk' }, { listener: 'desk' }])
    await engine.dispatcher()
    await engine.delivered()
    await engine.stopAll()
    await engine.giveUp(failed)
    await engine.enqueue('u1', [{ listener: 'desk' }])
    expect(await replay(filter())).toMatchObject({ ids: [expect.any(String)], more: false })
    expect(await replay(filter({ state: 'delivered' }))).toMatchObject({ ids: [expect.any(String)], more: false })
    expect(await copies()).toMatchObject([{ replay_of: failed?.id }, { replay_of: delivered?.id }])
  })

  test('by a filter goes on behind the last one, a few at a time', async () => {
    const items = await engine.enqueue(
      'u1',
      Array.from({ length: 5 }, () => ({ listener: 'desk' })),
    )
    await engine.passLanes()
    await engine.giveUp(...items)
    const steps: number[] = []
    let after: string | undefined
    do {
      const done = await replay({ ...filter(), limit: 2, after })
      if (done.kind !== 'done') throw new Error(done.kind)
      steps.push(done.ids.length)
      after = done.more ? done.last : undefined
    } while (after !== undefined)
    expect(steps).toEqual([2, 2, 1])
    expect(await copies()).toMatchObject(items.map(({ id }) => ({ replay_of: id })))
  })

  test('by a filter stops at 1,000, and says that there is more', async () => {
    const batch = Array.from({ length: MOST_REPLAYED + 1 }, () => ({ listener: 'desk' }))
    await engine.enqueue('u1', batch)
    await engine.passLanes()
    const done = await replay(filter({ state: 'delivered' }))
    if (done.kind !== 'done') throw new Error(done.kind)
    expect([done.ids.length, done.more]).toEqual([MOST_REPLAYED, true])
  })

  test('while others are enqueued and delivered neither overtakes nor leaves a gap', async () => {
    const items = await engine.enqueue(
      'u1',
      Array.from({ length: 30 }, () => ({ listener: 'desk' })),
    )
    await engine.dispatcher()
    await engine.delivered()
    await Promise.all([
      ...items.map(({ id }) => replay(named(id))),
      ...Array.from({ length: 30 }, () => engine.enqueue('u1', [{ listener: 'desk' }])),
    ])
    await engine.delivered()
    expect(receiver.received.map(({ sequence }) => sequence)).toEqual(
      Array.from({ length: 90 }, (_, index) => index + 1),
    )
  })
})
