import { randomUUID } from 'node:crypto'
import { describe, expect, test } from '@jest/globals'
import { v7 as uuidv7 } from 'uuid'
import { getDelivery, InvalidCursor, listDeliveries } from '../../../src/lanes/deliveries.js'
import { engine, filter, listed, newestFirst, receiver, reference, slices, useEngine } from './operations.js'

useEngine()

describe('a list', () => {
  test('is the newest first, over all users, in pages', async () => {
    const items = []
    for (let user = 0; user < 7; user++)
      items.push(...(await engine.enqueue(`u${user}`, [{ listener: 'desk' }, { listener: 'desk' }])))
    await engine.enqueue('u1', [{ listener: 'md' }])
    const pages: string[][] = []
    let after: string | undefined
    do {
      const page = await listDeliveries(slices(), filter(), { limit: 5, after })
      pages.push(page.deliveries.map(({ id }) => id))
      after = page.next ?? undefined
    } while (after !== undefined)
    expect(pages.map((page) => page.length)).toEqual([5, 5, 4])
    expect(pages.flat()).toEqual(newestFirst(items))
  })

  test('says of each delivery what the wire says', async () => {
    const [first, second] = await engine.enqueue('u1', [{ listener: 'desk' }, { listener: 'desk' }], new Date())
    const { deliveries } = await listDeliveries(slices(), filter(), { limit: 1 })
    expect(deliveries).toEqual([
      {
        id: second?.id,
        listener: 'desk',
        user_id: 'u1',
        sequence: 2,
        previous_id: first?.id,
        category: 'message',
        subcategory: 'receive',
        state: 'pending',
        attempts: 0,
        replay_of: null,
        created_at: expect.any(Date),
        ended_at: null,
      },
    ])
  })

  test('is filtered by the error, the status and the number of attempts', async () => {
    const [a, b, c, d] = await engine.enqueue(
      'u1',
      Array.from({ length: 4 }, () => ({ listener: 'desk' })),
    )
    const { bucket, organisationId } = engine.key('u1')
    const tried = (delivery_id: string | undefined, number: number, status: number | null, error: string | null) =>
      engine.stored.insert('attempts', {
        ...{ bucket, organisation_id: organisationId, delivery_id, number },
        ...{ started_at: new Date(), duration_ms: 1, status, error },
      })
    await tried(a?.id, 1, null, 'timeout')
    await tried(a?.id, 2, null, 'timeout')
    await tried(a?.id, 3, 503, 'status_5xx')
    await tried(b?.id, 1, 503, 'status_5xx')
    await engine.stored.change('deliveries', { tried_at: new Date(), took_ms: 1, status: 200 }, { id: c?.id })
    await engine.stored.change('lanes', { head: 3 })
    expect(await listed({ error: 'timeout' })).toEqual([a?.id])
    expect(await listed({ status: 503 })).toEqual([b?.id, a?.id])
    expect(await listed({ status: 503, error: 'timeout' })).toEqual([])
    expect(await listed({ status: 200 })).toEqual([c?.id])
    expect(await listed({ attemptsFrom: 1 })).toEqual([c?.id, b?.id, a?.id])
    expect(await listed({ attemptsFrom: 3, error: 'timeout' })).toEqual([a?.id])
    expect(await listed({ attemptsFrom: 4 })).toEqual([])
    expect(await listed({ status: 503, state: 'pending' })).toEqual([])
    expect(await listed({ status: 503, state: 'delivered' })).toEqual([b?.id, a?.id])
    await tried(d?.id, 1, 503, 'status_5xx')
    expect(await listed({ status: 503, state: 'pending' })).toEqual([d?.id])
    expect(await listed({ error: "' or true --" })).toEqual([])
  })

  test('is filtered by listener, hook, user and state', async () => {
    const [a] = await engine.enqueue('u1', [{ listener: 'desk' }])
    const [b] = await engine.enqueue('u2', [{ listener: 'desk', category: 'aeu_events', subcategory: 'allocated' }])
    const [c] = await engine.enqueue('u1', [{ listener: 'md' }])
    await engine.giveUp(b)
    await engine.passLanes('u2')
    expect(await listed({ listener: null })).toEqual(newestFirst([a, b, c] as { id: string }[]))
    expect(await listed({ listener: 'md' })).toEqual([c?.id])
    expect(await listed({ category: 'aeu_events' })).toEqual([b?.id])
    expect(await listed({ category: 'message', subcategory: 'receive' })).toEqual([a?.id])
    expect(await listed({ userId: 'u2' })).toEqual([b?.id])
    expect(await listed({ userId: 'nobody' })).toEqual([])
    expect(await listed({ state: 'undeliverable' })).toEqual([b?.id])
    expect(await listed({ state: 'pending', listener: null })).toEqual(newestFirst([a, c] as { id: string }[]))
  })

  test('is filtered by time: from included, to not', async () => {
    const times = [0, 1_000, 2_000].map((ms) => Date.parse('2026-11-22T09:00:00Z') + ms)
    const made = []
    for (const time of times) {
      const id = uuidv7({ msecs: time })
      await engine.enqueue('u1', [{ listener: 'desk', id }], new Date(time))
      made.push(id)
    }
    const at = (index: number) => new Date(times[index] ?? 0)
    expect(await listed({ createdFrom: at(1) })).toEqual([made[2], made[1]])
    expect(await listed({ createdTo: at(1) })).toEqual([made[0]])
    expect(await listed({ createdFrom: at(1), createdTo: at(2) })).toEqual([made[1]])
    expect(await listed({ createdFrom: new Date('2027-01-01') })).toEqual([])
  })

  test('shows nothing of another organisation', async () => {
    await engine.enqueue('u1', [{ listener: 'desk' }])
    expect(await listed({ organisationId: randomUUID() })).toEqual([])
  })

  test.each(['', 'x', "' or 1=1 --", '01920c6e7b117d008a445f6071829304'])(
    'takes no cursor such as %j',
    async (after) => {
      await expect(listDeliveries(slices(), filter(), { limit: 5, after })).rejects.toThrow(InvalidCursor)
    },
  )
})

describe('a delivery', () => {
  test('is told with every attempt', async () => {
    receiver.answer = ({ attempt }) => (attempt < 3 ? { status: 500, body: `no ${attempt}` } : {})
    const [item] = await engine.enqueue('u1', [{ listener: 'desk' }])
    await engine.dispatcher()
    await engine.delivered()
    const found = await getDelivery(engine.pool, reference(item?.id))
    expect(found?.delivery).toMatchObject({ id: item?.id, state: 'delivered', attempts: 3, ended_at: expect.any(Date) })
    expect(found?.attempts).toEqual([
      {
        number: 1,
        started_at: expect.any(Date),
        duration_ms: expect.any(Number),
        status: 500,
        error: 'status_5xx',
        answer: 'no 1',
      },
      {
        number: 2,
        started_at: expect.any(Date),
        duration_ms: expect.any(Number),
        status: 500,
        error: 'status_5xx',
        answer: 'no 2',
      },
      {
        number: 3,
        started_at: expect.any(Date),
        duration_ms: expect.any(Number),
        status: 200,
        error: null,
        answer: '{"success":true}',
      },
    ])
  })

  test('of another listener or organisation, or of none, is not found', async () => {
    const [item] = await engine.enqueue('u1', [{ listener: 'desk' }])
    const { id = '' } = item ?? {}
    expect(await getDelivery(engine.pool, reference(id, null))).not.toBeNull()
    expect(await getDelivery(engine.pool, reference(id, 'md'))).toBeNull()
    expect(await getDelivery(engine.pool, { ...reference(id), organisationId: randomUUID() })).toBeNull()
    expect(await getDelivery(engine.pool, reference(uuidv7()))).toBeNull()
    expect(await getDelivery(engine.pool, reference('no id'))).toBeNull()
  })
})
