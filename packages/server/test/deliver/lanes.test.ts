import { describe, expect, test } from '@jest/globals'
import { v7 as uuidv7 } from 'uuid'
import { enqueue } from '../../src/accept/enqueue.js'
import { recordResults } from '../../src/deliver/results.js'
import { learnEctUserIds, readLanes } from '../../src/lanes/lanes.js'
import { MESSAGE } from './engine.js'
import { at, claimOne, deliveriesOf, engine, laneRow, resultOf, USER, useEngine } from './one-lane.js'

useEngine()

describe('enqueuing', () => {
  test('numbers each lane from 1 without gaps, and chains the ids', async () => {
    const first = await engine.enqueue(USER, [{ listener: 'desk' }, { listener: 'md' }, { listener: 'desk' }])
    const second = await engine.enqueue(USER, [{ listener: 'desk' }])
    const [a, m, b, c] = [...first, ...second].map(({ id }) => id)
    expect(await deliveriesOf('desk')).toMatchObject([
      { sequence: 1, id: a, previous_id: null },
      { sequence: 2, id: b, previous_id: a },
      { sequence: 3, id: c, previous_id: b },
    ])
    expect(await deliveriesOf('md')).toMatchObject([{ sequence: 1, id: m, previous_id: null }])
    expect(await laneRow()).toMatchObject({ head: 0, tail: 3, last_delivery_id: c })
  })

  test('for several users at once numbers the lanes of each', async () => {
    const item = (listener: string) => ({ id: uuidv7(), listener, ...MESSAGE, body: '{}' })
    const outboxes = ['u1', 'u2', 'u3'].map((user) => ({
      ...engine.key(user),
      items: ['desk', 'md', 'desk'].map(item),
    }))
    await enqueue(engine.pool, at(0), outboxes)
    await enqueue(
      engine.pool,
      at(0),
      outboxes.map((outbox) => ({ ...outbox, items: [item('desk')] })),
    )
    expect(await engine.stored.rows('lanes', {}, 'user_id, listener')).toMatchObject(
      ['u1', 'u2', 'u3'].flatMap((user_id) => [
        { user_id, listener: 'desk', tail: 3 },
        { user_id, listener: 'md', tail: 1 },
      ]),
    )
  })

  test('keeps a body byte for byte', async () => {
    const body = '{ "a":\t1.0,"b":"\\u0000 é 👋","a":"twice" }'
    await engine.enqueue(USER, [{ listener: 'desk', body }])
    expect((await deliveriesOf('desk'))[0]?.body).toBe(body)
  })

  test('remembers the last message that was heard, and nothing lower', async () => {
    await engine.enqueue(USER, [
      { listener: 'desk', messageId: 4 },
      { listener: 'desk', messageId: 5 },
      { listener: 'md' },
    ])
    await engine.enqueue(USER, [{ listener: 'desk', messageId: 3 }])
    const lanes = await readLanes(engine.pool, [{ ...engine.key(USER), listeners: ['desk', 'md', 'none'] }])
    expect(lanes.sort((a, b) => a.tail - b.tail)).toMatchObject([
      { listener: 'md', endedTo: 0, tail: 1, ectUserId: null, heardMessageId: 0, ceuSequence: 0, failingSince: null },
      { listener: 'desk', endedTo: 0, tail: 3, ectUserId: null, heardMessageId: 5, ceuSequence: 0, failingSince: null },
    ])
  })

  test('of concurrent transactions gives every sequence once, in the order of commits', async () => {
    await Promise.all(
      Array.from({ length: 40 }, () => engine.enqueue(USER, [{ listener: 'desk' }, { listener: 'md' }])),
    )
    for (const listener of ['desk', 'md']) {
      const rows = await deliveriesOf(listener)
      expect(rows.map(({ sequence }) => sequence)).toEqual(Array.from({ length: 40 }, (_, index) => index + 1))
      // The first transaction on a lane may be seen by another only once it has committed: from then on, the chain holds.
      for (const [index, row] of rows.entries())
        if (row.previous_id !== null) expect(row.previous_id).toBe(rows[index - 1]?.id)
      expect(rows.filter(({ previous_id }) => previous_id === null).length).toBeLessThanOrEqual(10)
    }
  })

  test('that is rolled back leaves no gap', async () => {
    const client = await engine.pool.connect()
    await client.query('begin')
    const items = [{ id: uuidv7(), listener: 'desk', ...MESSAGE, body: '{}' }]
    await enqueue(client, at(0), [{ ...engine.key(USER), items }])
    await client.query('rollback')
    client.release()
    await engine.enqueue(USER, [{ listener: 'desk' }])
    expect((await deliveriesOf('desk')).map(({ sequence }) => sequence)).toEqual([1])
  })

  test('makes an idle lane due, and lets one that is waiting wait', async () => {
    await engine.enqueue(USER, [{ listener: 'desk' }], at(0))
    const [lane] = await claimOne()
    if (lane === undefined) throw new Error('nothing claimed')
    await recordResults(engine.pool, [resultOf(lane, { failures: 1, releaseAt: at(60_000) })])
    await engine.enqueue(USER, [{ listener: 'desk' }], at(1_000))
    expect((await laneRow())?.next_at).toEqual(at(60_000))
    expect(await claimOne(59_999)).toEqual([])
    expect(await claimOne(60_000)).toHaveLength(1)
  })
})

test('what a listener calls the user is kept, whether it has a lane or not', async () => {
  for (const ectUserId of ['case-1', 'case-2']) {
    await learnEctUserIds(engine.pool, [{ key: engine.key(USER), learned: new Map([['desk', ectUserId]]) }])
  }
  const [known] = await readLanes(engine.pool, [{ ...engine.key(USER), listeners: ['desk'] }])
  expect(known).toMatchObject({ ectUserId: 'case-2', tail: 0 })
  expect(await claimOne()).toEqual([])
  await engine.enqueue(USER, [{ listener: 'desk' }])
  expect(await laneRow()).toMatchObject({ tail: 1, ect_user_id: 'case-2' })
})
