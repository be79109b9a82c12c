/** What the SDK costs its user: processor time for a call, and kilobytes for a page. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { builtinModules } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import type { Bench, BenchSet } from './bench.js'
import { atLeast, atMost, type Bar, type Figure, figure } from './figure.js'
import { alternate, type Measured } from './measure.js'
import { BenchProcess } from './processes.js'
import { SUBJECT } from './turns.js'

export interface Client {
  /** As the process knows it. */
  name: string
  process: string
  bar?: Bar
}

const SDK: Client = { name: 'sdk', process: 'clients' }
const LIMITS: readonly Client[] = [{ name: 'undici.request', process: 'clients', bar: atLeast(0.6) }]
const CONCURRENCIES = [1, 64]
/** The bars are for a client that is busy. */
const BARRED = 64
const WARM_UP_MS = 2_000

const SIZES = [
  { name: '@tract/client', module: join(SUBJECT, 'packages/client/dist/index.js'), kilobytes: 12, unit: 'kB gzip' },
  {
    name: '@tract/client/webhooks',
    module: join(SUBJECT, 'packages/client/dist/webhooks.js'),
    kilobytes: 5,
    unit: 'kB gzip',
  },
] as const
export const [OWN_SIZE] = SIZES

export const sdk: BenchSet = {
  name: 'sdk',
  about:
    'Calls of the SDK per second of its processor time, against the HTTP client that it is built on; and its size.',
  async run(bench) {
    const figures = await clientsAgainst(bench, LIMITS)
    for (const { name, module, kilobytes, unit } of SIZES) {
      const subject = await sizeOf(module)
      figures.push(figure({ name: `size of ${name}`, unit, subject, bar: atMost(kilobytes, 'value') }))
    }
    return figures
  },
}

export async function clientsAgainst({ quick, rounds }: Bench, others: readonly Client[]): Promise<Figure[]> {
  const service = await BenchProcess.start('bare-service')
  const url = `http://127.0.0.1:${await service.call<number>('start')}`
  const compare = async (concurrency: number) => {
    const processes: BenchProcess[] = []
    const open = async ({ name, process }: Client) => {
      const client = await BenchProcess.start(process)
      processes.push(client)
      await client.call('open', { client: name, url, concurrency })
      await client.profile()
      const run = async (round: number) => {
        const milliseconds = round === 0 ? WARM_UP_MS : quick ? 500 : 2_000
        const { calls, cpu } = await client.call<{ calls: number; cpu: number }>('run', { milliseconds })
        return (calls / cpu) * 1_000_000
      }
      return [name, run] as const
    }
    try {
      const runs = await Promise.all([SDK, ...others].map(open))
      const results = await alternate(Object.fromEntries(runs), rounds)
      return others.map(({ name, bar }) =>
        figure({
          name: `SDK, ${concurrency} call${concurrency === 1 ? '' : 's'} in flight, against ${name}`,
          unit: '/s of CPU',
          subject: results[SDK.name] as Measured,
          limit: results[name] as Measured,
          ...(bar && concurrency === BARRED && { bar }),
        }),
      )
    } finally {
      await Promise.all(processes.map((process) => process.stop()))
    }
  }
  try {
    const figures: Figure[] = []
    for (const concurrency of CONCURRENCIES) figures.push(...(await compare(concurrency)))
    return figures
  } finally {
    await service.stop()
  }
}

/**
 * Kilobytes of everything that a module exports, as a page would load it.
 * @param packages a node_modules to find the module in
 */
export async function sizeOf(module: string, packages?: string): Promise<Measured> {
  const folder = await mkdtemp(join(tmpdir(), 'tract-bench-'))
  try {
    const entry = join(folder, 'entry.mjs')
    await writeFile(entry, `export * from ${JSON.stringify(module)}\n`)
    const outfile = join(folder, 'bundle.js')
    await build({
      entryPoints: [entry],
      outfile,
      bundle: true,
      minify: true,
      format: 'esm',
      logLevel: 'error',
      platform: 'browser',
      // Some SDKs use Node's modules where Node is there: a page does not load them.
      external: ['node:*', ...builtinModules],
      ...(packages && { nodePaths: [packages] }),
    })
    const kilobytes = gzipSync(await readFile(outfile), { level: 9 }).length / 1_000
    return { median: kilobytes, values: [kilobytes] }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
