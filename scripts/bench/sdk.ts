/** What the SDK costs its user: processor time for a call, and kilobytes for a page. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { ROOT } from '../check/command.js'
import type { Bench, BenchSet } from './bench.js'
import { atLeast, atMost, type Bar, type Figure, figure, measured } from './figure.js'
import { alternate, type Measured } from './measure.js'
import { BenchProcess } from './processes.js'

/** Clients of processes/clients/. */
const CLIENTS: readonly { name: string; shown: string; bar?: Bar }[] = [
  { name: 'sdk', shown: 'the SDK' },
  { name: 'undici', shown: 'undici.request', bar: atLeast(0.6) },
  { name: 'sdk-over-fetch', shown: 'the SDK over the global fetch' },
  { name: 'fetch', shown: 'the global fetch' },
  { name: 'axios', shown: 'axios', bar: atLeast(1) },
  { name: 'ky', shown: 'ky', bar: atLeast(1) },
  { name: 'got', shown: 'got', bar: atLeast(1) },
  { name: 'hey-api', shown: 'hey-api’s client', bar: atLeast(1) },
]
const CONCURRENCIES = [1, 64]
/** The bars are for a client that is busy. */
const BARRED = 64
const WARM_UP_MS = 2_000

const SDKS = ['stripe', 'openai', '@octokit/core', 'svix']
const ENTRIES = { index: 10, webhooks: 5 }

interface Turn {
  calls: number
  cpu: number
  milliseconds: number
}

export const sdk: BenchSet = {
  name: 'sdk',
  about:
    'Calls of the SDK per second of its processor time and of the clock, against other clients; and its size, against other SDKs.',
  async run(bench) {
    const service = await BenchProcess.start('bare-service')
    try {
      const port = await service.call<number>('start')
      const figures: Figure[] = []
      for (const concurrency of CONCURRENCIES) figures.push(...(await compare(bench, port, concurrency)))
      return [...figures, ...(await sizes())]
    } finally {
      await service.stop()
    }
  },
}

async function compare({ quick, rounds }: Bench, port: number, concurrency: number): Promise<Figure[]> {
  const turns = Object.fromEntries(CLIENTS.map(({ name }) => [name, [] as Turn[]]))
  const processes: BenchProcess[] = []
  const run = async (name: string) => {
    const client = await BenchProcess.start(`clients/${name}`)
    processes.push(client)
    await client.call('open', { url: `http://127.0.0.1:${port}`, concurrency })
    await client.profile()
    return async (round: number) => {
      const milliseconds = round === 0 ? WARM_UP_MS : quick ? 500 : 2_000
      const turn = await client.call<Turn>('run', { milliseconds })
      if (round > 0) turns[name]?.push(turn)
      return (turn.calls / turn.cpu) * 1_000_000
    }
  }
  try {
    const runs = await Promise.all(CLIENTS.map(async ({ name }) => [name, await run(name)] as const))
    await alternate(Object.fromEntries(runs), rounds)
  } finally {
    await Promise.all(processes.map((process) => process.stop()))
  }
  return [
    ...figures(turns, concurrency, '/s of CPU', ({ calls, cpu }) => (calls / cpu) * 1_000_000, true),
    ...figures(turns, concurrency, '/s', ({ calls, milliseconds }) => (calls / milliseconds) * 1_000, false),
  ]
}

function figures(
  turns: Record<string, Turn[]>,
  concurrency: number,
  unit: string,
  take: (turn: Turn) => number,
  barred: boolean,
): Figure[] {
  const how = `${concurrency} at once${barred ? '' : ', by the clock'}`
  const subject = measured(turns.sdk ?? [], take)
  return CLIENTS.filter(({ name }) => name !== 'sdk').map(({ name, shown, bar }) =>
    figure({
      name: `${how}, against ${shown}`,
      unit,
      subject,
      limit: measured(turns[name] ?? [], take),
      ...(bar && barred && concurrency === BARRED && { bar }),
    }),
  )
}

/** All that an entry exports, as a page would load it. */
async function sizes(): Promise<Figure[]> {
  const folder = await mkdtemp(join(tmpdir(), 'tract-bench-'))
  try {
    const size = async (module: string): Promise<Measured> => {
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
        ...PAGE,
      })
      const kilobytes = gzipSync(await readFile(outfile), { level: 9 }).length / 1_000
      return { median: kilobytes, values: [kilobytes] }
    }
    const own = await size(join(ROOT, 'packages/client/dist/index.js'))
    const against: [string, Measured][] = []
    for (const name of SDKS) against.push([name, await size(name)])
    const unit = 'kB gzip'
    return [
      figure({ name: 'size of @tract/client', unit, subject: own, bar: atMost(ENTRIES.index, 'value') }),
      figure({
        name: 'size of @tract/client/webhooks',
        unit,
        subject: await size(join(ROOT, 'packages/client/dist/webhooks.js')),
        bar: atMost(ENTRIES.webhooks, 'value'),
      }),
      ...against.map(([name, limit]) => figure({ name: `size, against ${name}`, unit, subject: own, limit })),
    ]
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Some of the others reach for Node where it is there: that is no part of what a page loads. */
const PAGE = {
  platform: 'browser' as const,
  external: [
    'node:*',
    'crypto',
    'http',
    'https',
    'events',
    'child_process',
    'os',
    'fs',
    'path',
    'stream',
    'util',
    'url',
    'buffer',
  ],
  nodePaths: [join(ROOT, 'scripts/bench/node_modules')],
}
