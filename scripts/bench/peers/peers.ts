/** TRACT against libraries that do some of its work. Only this set installs them. */
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { execute, ROOT } from '../../check/command.js'
import { settle } from '../backlog.js'
import type { Bench, BenchSet } from '../bench.js'
import { callsAgainst, type Server } from '../call.js'
import type { BenchDatabase } from '../database.js'
import { CONNECTIONS } from '../drain.js'
import { atLeast, type Figure, figure } from '../figure.js'
import { alternate, type Measured } from '../measure.js'
import { BenchProcess } from '../processes.js'
import { clock, perSecond } from '../receiver.js'
import { type Client, clientsAgainst, OWN_SIZE, sizeOf } from '../sdk.js'
import { drainedPerSecond, LANES, openStore, perLaneOf, type Store } from '../store.js'
import { againstServices } from './services.js'

const FOLDER = 'scripts/bench/peers'

const SERVERS: readonly Server[] = [
  { name: 'fastify-openapi-glue', process: '../peers/servers', checks: true, bar: atLeast(1) },
  { name: 'openapi-backend', process: '../peers/servers', checks: true, bar: atLeast(2) },
  { name: 'express-openapi-validator', process: '../peers/servers', checks: true, bar: atLeast(4) },
]
const CLIENTS: readonly Client[] = ['axios', 'ky', 'got', 'hey-api', 'fetch'].map((name) => ({
  name,
  process: '../peers/clients',
  ...(name !== 'fetch' && { bar: atLeast(1) }),
}))
const SDKS = ['stripe', 'openai', '@octokit/core', 'svix']
const QUEUES = [
  { name: 'pg-boss key_strict_fifo', process: '../peers/pg-boss' },
  { name: 'graphile-worker named queues', process: '../peers/graphile-worker' },
]
/** Against the fastest queue that keeps a lane in order although a delivery of it failed. */
const QUEUE_BAR = atLeast(2)

export const peers: BenchSet = {
  name: 'peers',
  about:
    'The same calls, deliveries and clients against other servers, queues, clients and webhook services that run, and sizes against other SDKs.',
  async run(bench) {
    await install()
    return [
      ...(await againstServices(bench)),
      ...(await callsAgainst(bench, SERVERS)),
      ...(await queues(bench)),
      ...(await clientsAgainst(bench, CLIENTS)),
      ...(await sizes()),
    ]
  },
}

/** Again where package.json has changed since. */
async function install(): Promise<void> {
  const changedAt = (file: string) => statSync(join(ROOT, FOLDER, file), { throwIfNoEntry: false })?.mtimeMs ?? 0
  if (changedAt('node_modules/.package-lock.json') >= changedAt('package.json')) return
  process.stderr.write('Installing what is compared with …\n')
  const options = ['--no-package-lock', '--ignore-scripts', '--no-audit', '--no-fund']
  const { ok, output } = await execute({ run: ['npm', 'install', '--prefix', FOLDER, ...options] })
  if (!ok) throw new Error(`npm install in ${FOLDER} failed:\n${output}`)
}

async function sizes(): Promise<Figure[]> {
  const subject = await sizeOf(OWN_SIZE.module)
  const figures: Figure[] = []
  for (const name of SDKS) {
    const limit = await sizeOf(name, join(ROOT, FOLDER, 'node_modules'))
    figures.push(figure({ name: `size, against ${name}`, unit: OWN_SIZE.unit, subject, limit }))
  }
  return figures
}

/** Each queue has a database of its own, and posts the same bodies to the same receiver. */
async function queues(bench: Bench): Promise<Figure[]> {
  const store = await openStore(await bench.postgres.database())
  const opened: Queue[] = []
  try {
    for (const { name, process } of QUEUES) opened.push(await Queue.open(name, process, bench, store))
    const inOrder = new Set<string>()
    for (const queue of opened) {
      const late = await queue.triesOrder()
      if (late === 0) inOrder.add(queue.name)
      bench.note(
        late === 0
          ? `${queue.name} keeps each lane in order when a delivery fails.`
          : `${queue.name} does not keep a lane in order when a delivery fails: ${late} steps of 50 lanes were wrong.`,
      )
    }
    const perLane = perLaneOf(bench)
    const results = await alternate(
      {
        TRACT: (round) => drainedPerSecond(store, perLane(round)),
        ...Object.fromEntries(opened.map((queue) => [queue.name, (round: number) => queue.run(perLane(round))])),
      } as Record<string, (round: number) => Promise<number>>,
      bench.rounds,
    )
    const of = (name: string) => results[name] as Measured
    const [best] = [...inOrder].sort((one, other) => of(other).median - of(one).median)
    return QUEUES.map(({ name }) =>
      figure({
        name: `drain, against ${name}`,
        unit: '/s',
        subject: of('TRACT'),
        limit: of(name),
        ...(name === best && { bar: QUEUE_BAR }),
      }),
    )
  } finally {
    for (const queue of opened) await queue.close()
    await store.close()
  }
}

class Queue {
  private constructor(
    readonly name: string,
    private readonly process: BenchProcess,
    private readonly database: BenchDatabase,
    private readonly store: Store,
  ) {}

  static async open(name: string, process: string, { postgres }: Bench, store: Store): Promise<Queue> {
    const queue = new Queue(name, await BenchProcess.start(process), await postgres.database(), store)
    const { url } = queue.database
    await queue.process.call('open', { url, port: store.receiver.port, connections: CONNECTIONS })
    return queue
  }

  async run(perLane: number): Promise<number> {
    return perSecond(await this.#drain(LANES.count, perLane, '/'), clock())
  }

  /** Steps that were out of order after one failure in each lane. */
  async triesOrder(): Promise<number> {
    const { gaps, backwards } = await this.#drain(50, 10, '/flaky')
    return gaps + backwards
  }

  async #drain(lanes: number, perLane: number, path: string) {
    await this.process.call('fill', { lanes, perLane })
    // Without the statistics of an older table, pg-boss is five times slower.
    await settle(this.database)
    await this.store.receiver.expect(lanes * perLane)
    await this.process.call('drain', { deliveries: lanes * perLane, path })
    return this.store.receiver.seen()
  }

  async close(): Promise<void> {
    await this.process.call('close')
    await this.process.stop()
    await this.database.drop()
  }
}
