import { randomUUID } from 'node:crypto'
import { describe, expect, test } from '@jest/globals'
import { until } from '@tract/testing/until'
import { makeListenerDue } from '../../src/deliver/claims.js'
import { type LaneResult, recordResults } from '../../src/deliver/results.js'
import type { ClaimedLane } from '../../src/lanes/offer.js'
import { at, claimOne, engine, laneRow, resultOf, USER, useEngine } from './one-lane.js'

useEngine()

describe('results', () => {
  const claimed = async (): Promise<ClaimedLane> => {
    const [lane] = await claimOne()
    if (lane === undefined) throw new Error('nothing claimed')
    return lane
  }
  const attemptAt = (deliveryId: string, number: number, error: string | null) => ({
    deliveryId,
    number,
    startedAt: at(1),
    durationMs: 5,
    status: error === null ? 200 : 404,
    error,
    answer: 'ok',
  })

  test('move the head, end deliveries, keep attempts, and free the lane', async () => {
    const [first, second] = await engine.enqueue(
      USER,
      [{ listener: 'desk' }, { listener: 'desk' }, { listener: 'desk' }],
      at(0),
    )
    const lane = await claimed()
    const ended = { state: 'delivered' as const, endedAt: at(2) }
    const [recorded] = await recordResults(engine.pool, [
      resultOf(lane, {
        endedTo: 2,
        ectUserId: 'case-7',
        ends: [
          { deliveryId: first?.id ?? '', ...ended },
          { deliveryId: second?.id ?? '', ...ended },
        ],
        attempts: [attemptAt(first?.id ?? '', 1, null), attemptAt(second?.id ?? '', 1, null)],
      }),
    ])
    expect(recorded).toEqual({ held: true, more: true, hurried: false })
    expect(await laneRow()).toMatchObject({
      head: 2,
      lease: null,
      lease_until: null,
      next_at: at(0),
      ect_user_id: 'case-7',
    })
    expect(await engine.states()).toEqual({ delivered: 2, pending: 1 })
    expect(await engine.stored.count('wire_attempts')).toBe(2)
  })

  test('of a lane that was made due meanwhile leave it due, however long it was to rest', async () => {
    await engine.enqueue(USER, [{ listener: 'desk' }], at(0))
    const rest = async (now: number) => {
      const [lane] = await claimOne(now)
      if (lane === undefined) throw new Error('nothing claimed')
      return (releaseAt: Date) => recordResults(engine.pool, [resultOf(lane, { releaseAt })])
    }
    const far = new Date(Date.now() + 3_600_000)
    const first = await rest(0)
    const buckets = await makeListenerDue(engine.pool, engine.organisationId, 'desk', at(1))
    expect(buckets).toEqual([engine.key(USER).bucket])
    expect(await laneRow()).toMatchObject({ lease: expect.any(String), lease_until: at(10_000) })
    expect(await first(far)).toEqual([{ held: true, more: true, hurried: true }])
    expect((await laneRow())?.next_at.getTime()).toBeLessThanOrEqual(Date.now() + 1_000)
    // once: the next time it rests
    const again = await rest(Date.now() - at(0).getTime() + 60_000)
    expect(await again(far)).toEqual([{ held: true, more: true, hurried: false }])
    expect((await laneRow())?.next_at).toEqual(far)
  })

  test('that are being written are waited for by what makes lanes due', async () => {
    await engine.enqueue(USER, [{ listener: 'desk' }], at(0))
    const lane = await claimed()
    const writing = await engine.stored.lock('lanes', { listener: 'desk' })
    await recordResults(writing.holder, [resultOf(lane, { releaseAt: at(3_600_000) })])
    const making = makeListenerDue(engine.pool, engine.organisationId, 'desk', at(1))
    await until(() => writing.waiting(), 'the statement to wait')
    await writing.release('commit')
    expect(await making).toEqual([engine.key(USER).bucket])
    expect(await laneRow()).toMatchObject({ lease: null, next_at: at(1) })
  })

  test('in between keep the lease', async () => {
    await engine.enqueue(USER, [{ listener: 'desk' }, { listener: 'desk' }], at(0))
    const lane = await claimed()
    await recordResults(engine.pool, [resultOf(lane, { endedTo: 1, releaseAt: null })])
    expect(await laneRow()).toMatchObject({ head: 1, lease: lane.lease, lease_until: at(10_000) })
    expect(await claimOne(9_999)).toEqual([])
  })

  test('of a holder whose lease was taken over are rejected whole', async () => {
    const [item] = await engine.enqueue(USER, [{ listener: 'desk' }], at(0))
    const stale = await claimed()
    const [fresh] = await claimOne(10_000)
    const write = (lane: ClaimedLane, state: 'delivered' | 'cancelled') =>
      recordResults(engine.pool, [
        resultOf(lane, {
          endedTo: 1,
          ectUserId: state,
          ends: [{ deliveryId: item?.id ?? '', state, endedAt: at(1) }],
          attempts: [attemptAt(item?.id ?? '', 1, state)],
        }),
      ])
    expect(await write(stale, 'cancelled')).toEqual([{ held: false, more: false, hurried: false }])
    expect(await laneRow()).toMatchObject({ head: 0, lease: fresh?.lease, ect_user_id: null })
    expect(await engine.states()).toEqual({ pending: 1 })
    expect(await engine.stored.rows('wire_attempts')).toEqual([])
    if (fresh === undefined) throw new Error('nothing claimed')
    expect(await write(fresh, 'delivered')).toEqual([{ held: true, more: false, hurried: false }])
    expect(await write(stale, 'cancelled')).toEqual([{ held: false, more: false, hurried: false }])
    expect(await engine.states()).toEqual({ delivered: 1 })
  })

  test('that do not follow on what is kept are rejected: a crash of the database lost those before', async () => {
    await engine.enqueue(USER, [{ listener: 'desk' }, { listener: 'desk' }], at(0))
    const lane = await claimed()
    const write = (result: Partial<LaneResult>) => recordResults(engine.pool, [resultOf(lane, result)])
    expect(await write({ since: 1, endedTo: 2 })).toEqual([{ held: false, more: false, hurried: false }])
    expect(await laneRow()).toMatchObject({ head: 0, lease: lane.lease })
    expect(await engine.states()).toEqual({ pending: 2 })
  })

  test('can be written again by who does not know that they were', async () => {
    const items = await engine.enqueue(USER, [{ listener: 'desk' }, { listener: 'desk' }], at(0))
    const lane = await claimed()
    const attempts = items.map(({ id }) => attemptAt(id, 1, null))
    const write = (result: Partial<LaneResult>) => recordResults(engine.pool, [resultOf(lane, result)], { again: true })
    await write({ endedTo: 1, releaseAt: null, attempts: attempts.slice(0, 1) })
    expect(await write({ endedTo: 2, attempts })).toEqual([{ held: true, more: false, hurried: false }])
    expect(await laneRow()).toMatchObject({ head: 2, lease: null })
    expect(await engine.states()).toEqual({ delivered: 2 })
    expect(await engine.stored.count('wire_attempts')).toBe(2)
  })

  test('of many lanes in one statement are judged one by one', async () => {
    await engine.enqueue(USER, [{ listener: 'a' }, { listener: 'b' }, { listener: 'c' }], at(0))
    const lanes = (await claimOne()).sort((x, y) => x.listener.localeCompare(y.listener))
    const results = lanes.map((lane, index) =>
      resultOf(lane, { endedTo: 1, ...(index === 1 && { lease: randomUUID() }) }),
    )
    const recorded = await recordResults(engine.pool, results)
    expect(recorded.map(({ held }) => held)).toEqual([true, false, true])
  })

  test('of an erased user are nobody’s', async () => {
    await engine.enqueue(USER, [{ listener: 'desk' }], at(0))
    const lane = await claimed()
    await engine.stored.empty('lanes', 'deliveries')
    expect(await recordResults(engine.pool, [resultOf(lane, { endedTo: 1 })])).toEqual([
      { held: false, more: false, hurried: false },
    ])
  })

  test('count how often the payload was refused, and only that', async () => {
    const [item] = await engine.enqueue(USER, [{ listener: 'desk' }], at(0))
    const lane = await claimed()
    await recordResults(engine.pool, [
      resultOf(lane, {
        failures: 3,
        attemptsMade: 3,
        refusals: 2,
        attempts: ['status_4xx', 'timeout', 'refused'].map((error, index) =>
          attemptAt(item?.id ?? '', index + 1, error),
        ),
      }),
    ])
    expect(await claimed()).toMatchObject({ failures: 3, attemptsMade: 3, refusals: 2 })
  })
})
