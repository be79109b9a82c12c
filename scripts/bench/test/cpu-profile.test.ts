import { expect, test } from '@jest/globals'
import { type CpuProfile, sharesOf, written } from '../cpu-profile.js'

const FRAMES: [functionName: string, scriptId: string, url: string][] = [
  ['(idle)', '0', ''],
  ['(garbage collector)', '0', ''],
  ['writev', '0', ''],
  ['emit', '12', 'node:events'],
  ['send', '40', 'file:///tract/node_modules/fastify/lib/reply.js'],
  ['parse', '41', 'file:///tract/node_modules/@fastify/static/index.js'],
  ['handle', '42', 'file:///tract/packages/server/dist/http/app.js'],
  ['validate21', '43', ''],
  ['start', '44', 'file:///tract/scripts/bench/processes/answer.mjs'],
]

/** A sample of each frame, of so many microseconds. */
function profile(...timeDeltas: number[]): CpuProfile {
  const nodes = FRAMES.map(([functionName, scriptId, url], id) => ({ id, callFrame: { functionName, scriptId, url } }))
  return { nodes, samples: timeDeltas.map((_, id) => id), timeDeltas }
}

test('time is whose the code is, and nobody’s while there is nothing to do', () => {
  expect(sharesOf(profile(1_000, 5, 20, 10, 15, 10, 25, 10, 5))).toEqual([
    ['Node', 0.3],
    ['TRACT', 0.25],
    ['fastify', 0.15],
    ['@fastify/static', 0.1],
    ['what was compiled of schemas', 0.1],
    ['garbage collection', 0.05],
    ['the benchmark', 0.05],
  ])
})

test('shares are written as times, small ones together', () => {
  const shares: [string, number][] = [
    ['Node', 0.75],
    ['TRACT', 0.235],
    ['lru-cache', 0.015],
  ]
  expect(written(shares, 40)).toBe('Node 30.0 µs, TRACT 9.4 µs, others 0.6 µs')
})
