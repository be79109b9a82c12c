/** Whose code a process spends its processor time in. */

/** As V8's profiler gives it; of what is not used here, nothing. */
export interface CpuProfile {
  nodes: { id: number; callFrame: { functionName: string; scriptId: string; url: string } }[]
  /** A node's id each. */
  samples: number[]
  /** Microseconds that each sample stands for. */
  timeDeltas: number[]
}

type Frame = CpuProfile['nodes'][number]['callFrame']

const IDLE = '(idle)'
const COLLECTOR = '(garbage collector)'

/** The shares of the time in which the process did something, the greatest first. */
export function sharesOf({ nodes, samples, timeDeltas }: CpuProfile): [owner: string, share: number][] {
  const owners = new Map(nodes.map(({ id, callFrame }) => [id, ownerOf(callFrame)]))
  const times = new Map<string, number>()
  let busy = 0
  for (const [index, id] of samples.entries()) {
    const owner = owners.get(id)
    const time = timeDeltas[index] ?? 0
    if (owner === undefined || owner === IDLE) continue
    busy += time
    times.set(owner, (times.get(owner) ?? 0) + time)
  }
  return [...times].map(([owner, time]): [string, number] => [owner, time / busy]).sort(([, a], [, b]) => b - a)
}

function ownerOf({ functionName, scriptId, url }: Frame): string {
  if (functionName === IDLE) return IDLE
  if (functionName === COLLECTOR) return 'garbage collection'
  const [, name] = url.match(/.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/) ?? []
  if (name !== undefined) return name
  if (/\/packages\/\w+\/dist\//.test(url)) return 'TRACT'
  if (url.startsWith('node:')) return 'Node'
  // What has no file is the engine and the system under Node, or was compiled from a schema.
  if (url === '') return scriptId === '0' ? 'Node' : 'what was compiled of schemas'
  return 'the benchmark'
}

/** `Node 20 µs, fastify 4 µs, others 1 µs`: who has how much of so many microseconds. */
export function written(shares: [owner: string, share: number][], microseconds: number, least = 0.02): string {
  const named = shares.filter(([, share]) => share >= least)
  const others = 1 - named.reduce((sum, [, share]) => sum + share, 0)
  return [...named, ['others', others] as const]
    .map(([owner, share]) => `${owner} ${(share * microseconds).toFixed(1)} µs`)
    .join(', ')
}
