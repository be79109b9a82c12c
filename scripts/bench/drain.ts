/** Ordered, signed deliveries from a backlog, against a loop that only posts, and against queue libraries doing the same. */
import { addBacklog, type Backlog, clear, drained, type Template, template } from './backlog.js'
import type { BenchSet } from './bench.js'
import type { BenchDatabase } from './database.js'
import { atLeast, type Figure, figure } from './figure.js'
import { alternate, type Measured } from './measure.js'
import { BenchProcess } from './processes.js'
import { ORDERED, openQueues } from './queues.js'
import { perSecond, Receiver } from './receiver.js'
import { Tract } from './tract.js'

export const CONNECTIONS = 64
export const LANES = { prefix: 'u', count: 1_000 }

export const drain: BenchSet = {
  name: 'drain',
  about:
    'Signed deliveries of a backlog over 1,000 lanes, each lane in order, against POSTs from a loop and from queue libraries.',
  async run(bench) {
    const backlog = { users: LANES, perLane: bench.quick ? 5 : 20 }
    const deliveries = LANES.count * backlog.perLane
    const store = await openStore(await bench.postgres.database())
    const { receiver } = store
    const loop = await BenchProcess.start('post-loop')
    await loop.call('connect', { port: receiver.port, connections: CONNECTIONS })
    const queues = await openQueues(bench, receiver)
    try {
      return figures(
        await alternate(
          {
            TRACT: () => drainOnce(store, backlog),
            'undici loop': async () => {
              await receiver.expect(deliveries)
              return (deliveries / (await loop.call<number>('run', { deliveries, connections: CONNECTIONS }))) * 1_000
            },
            ...queues.runs({ lanes: LANES.count, perLane: backlog.perLane }),
          },
          bench.rounds,
        ),
      )
    } finally {
      await queues.close()
      await loop.stop()
      await store.close()
    }
  },
}

/** A database, services on it, and a receiver that they deliver to. */
export interface Store {
  database: BenchDatabase
  rows: Template
  receiver: Receiver
  close(): Promise<void>
}

export async function openStore(database: BenchDatabase, services = 1): Promise<Store> {
  const receiver = await Receiver.start()
  const first = await Tract.start(database)
  const rows = await template(database, first, await first.organisation(receiver.url))
  const others = await Promise.all(Array.from({ length: services - 1 }, () => Tract.start(database)))
  const close = async () => {
    await Promise.all([first, ...others].map((service) => service.stop()))
    await receiver.stop()
    await database.drop()
  }
  return { database, rows, receiver, close }
}

/** Fills, waits until everything has been delivered and written, and answers how many that was a second. */
export async function drainOnce({ database, rows, receiver }: Store, backlog: Backlog): Promise<number> {
  await clear(database)
  await receiver.expect(backlog.users.count * backlog.perLane)
  await addBacklog(database, rows, backlog)
  await receiver.complete()
  const endedAt = await drained(database)
  const seen = await receiver.seen()
  receiver.demandOrder(seen)
  return perSecond(seen, endedAt)
}

type Measures = Record<'TRACT' | 'undici loop', Measured> & Record<string, Measured>

function figures({ TRACT: subject, 'undici loop': loop, ...queues }: Measures): Figure[] {
  const [best] = Object.entries(queues)
    .filter(([name]) => ORDERED.has(name))
    .sort(([, a], [, b]) => b.median - a.median)
  return [
    figure({ name: 'drain, against an undici loop', unit: '/s', subject, limit: loop, bar: atLeast(0.7) }),
    ...Object.entries(queues).map(([name, limit]) =>
      figure({
        name: `drain, against ${name}`,
        unit: '/s',
        subject,
        limit,
        ...(name === best?.[0] && { bar: atLeast(2) }),
      }),
    ),
  ]
}
