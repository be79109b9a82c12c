import { expect, test } from '@jest/globals'
import { FAULT_POINTS } from '../../../packages/server/src/database/fault-points.js'
import { MISBEHAVIOURS } from '../plan/moods.js'
import { makePlan } from '../plan/plan.js'

const options = { forMs: 60_000, processes: 3, users: 80, rate: 50 }

test('a seed is the same plan every time, and another seed another plan', () => {
  expect(makePlan({ ...options, seed: 'one' })).toEqual(makePlan({ ...options, seed: 'one' }))
  expect(makePlan({ ...options, seed: 'one' })).not.toEqual(makePlan({ ...options, seed: 'two' }))
})

test('half an hour holds every step, every fault and every misbehaviour, and kills enough', () => {
  const plan = makePlan({ ...options, seed: 'long', forMs: 30 * 60_000 })
  const ofProcesses = plan.processFaults.flat()
  const points = ofProcesses.flatMap((fault) => (fault.kind === 'kill_at' ? fault.point : []))
  expect(new Set(points)).toEqual(new Set(FAULT_POINTS))
  expect(new Set(ofProcesses.map(({ kind }) => kind)).size).toBe(6)
  expect(new Set(plan.databaseFaults.map(({ kind }) => kind)).size).toBe(11)
  for (const moods of Object.values(plan.moods))
    expect(new Set(moods.map(({ kind }) => kind)).size).toBe(MISBEHAVIOURS.length)
  expect(ofProcesses.filter(({ kind }) => kind.startsWith('kill')).length).toBeGreaterThan(200)
})

test('half an hour has ten thousand lanes: every user writes, and four listeners hear each', () => {
  const { load } = makePlan({ ...options, seed: 'lanes', users: 2_500, forMs: 30 * 60_000 })
  const writing = load.flatMap((item) => (item.kind === 'message' ? item.user : []))
  expect(new Set(writing).size).toBeGreaterThanOrEqual(2_500)
})

test('what is planned comes in its order', () => {
  const { load, processFaults, databaseFaults, hookChanges } = makePlan({ ...options, seed: 'order' })
  for (const items of [load, ...processFaults, databaseFaults, hookChanges]) {
    const ats = items.map(({ at }) => at)
    expect(ats).toEqual([...ats].sort((one, other) => one - other))
    expect(ats.length).toBeGreaterThan(2)
  }
})
