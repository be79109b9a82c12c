/** Ordered, signed deliveries from a backlog, against a loop that only posts, and against queue libraries doing the same. */
import { clear, drained, fillBacklog } from './backlog.js'
import type { Bench, BenchSet } from './bench.js'
import type { BenchDatabase } from './database.js'
import { atLeast, type Figure, figure } from './figure.js'
import { alternate, type Measured, type Run } from './measure.js'
import { BenchProcess } from './processes.js'
import { clock, perSecond, Receiver } from './receiver.js'
import { Tract } from './tract.js'

const CONNECTIONS = 64
const LANES = 1_000

export const drain: BenchSet = {
  name: 'drain',
  about:
    'Signed deliveries of a backlog over 1,000 lanes, each lane in order, against POSTs from a loop and from queue libraries.',
  async run(bench) {
    const database = await bench.postgres.database()
    const receiver = await Receiver.start()
    const loop = await BenchProcess.start('post-loop')
    await loop.call('connect', { port: receiver.port, connections: CONNECTIONS })
    const tract = await Tract.start(database)
    const { id } = await tract.organisation(receiver.url)
    const queues = await openQueues(bench, receiver)
    const perLane = bench.quick ? 5 : 20
    const deliveries = LANES * perLane
    try {
      return figures(
        await alternate(
          {
            TRACT: () =>
              drainOnce({
                database,
                receiver,
                backlog: { organisation: id, listener: 'desk', prefix: 'u', lanes: LANES, perLane },
              }),
            'undici loop': async () => {
              await receiver.expect(deliveries)
              return (deliveries / (await loop.call<number>('run', { deliveries, connections: CONNECTIONS }))) * 1_000
            },
            ...queues.runs({ lanes: LANES, perLane }),
          },
          bench.rounds,
        ),
      )
    } finally {
      await queues.close()
      await Promise.all([tract.stop(), loop.stop(), receiver.stop()])
      await database.drop()
    }
  },
}

/** Fills, waits until everything has been delivered and written, and answers how many that was a second. */
export async function drainOnce({
  database,
  receiver,
  backlog,
}: {
  database: BenchDatabase
  receiver: Receiver
  backlog: Parameters<typeof fillBacklog>[1]
}): Promise<number> {
  const deliveries = backlog.lanes * backlog.perLane
  await clear(database)
  await receiver.expect(deliveries)
  await fillBacklog(database, backlog)
  await receiver.complete()
  const endedAt = await drained(database)
  const seen = await receiver.seen()
  receiver.demandOrder(seen)
  return perSecond(seen, endedAt)
}

type Measures = Record<'TRACT' | 'undici loop', Measured> & Record<string, Measured>

function figures({ TRACT: subject, 'undici loop': loop, ...queues }: Measures): Figure[] {
  const best = Object.entries(queues)
    .filter(([name]) => ORDERED.has(name))
    .sort(([, a], [, b]) => b.median - a.median)[0]
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

/** Those of the queues that are to keep each lane in order. */
const ORDERED = new Set(['pg-boss key_strict_fifo', 'graphile-worker named queues'])

const QUEUES = [
  { name: 'pg-boss standard', process: 'queues/pg-boss' },
  { name: 'pg-boss key_strict_fifo', process: 'queues/pg-boss' },
  { name: 'graphile-worker', process: 'queues/graphile-worker' },
  { name: 'graphile-worker named queues', process: 'queues/graphile-worker' },
] as const

async function openQueues({ postgres, note }: Bench, receiver: Receiver) {
  const opened = await Promise.all(
    QUEUES.map(async ({ name, process }) => {
      const database = await postgres.database()
      const queue = await BenchProcess.start(process)
      await queue.call('open', { url: database.url, port: receiver.port, connections: CONNECTIONS })
      return { name, queue, database }
    }),
  )
  const run =
    (name: string, queue: BenchProcess, backlog: { lanes: number; perLane: number }): Run =>
    async () => {
      const deliveries = backlog.lanes * backlog.perLane
      const ordered = ORDERED.has(name)
      await queue.call('fill', { ...backlog, ordered })
      await receiver.expect(deliveries)
      await queue.call('drain', { deliveries })
      const endedAt = clock()
      const seen = await receiver.seen()
      if (ordered && seen.gaps + seen.backwards > 0)
        note(`${name}: ${seen.gaps + seen.backwards} of ${deliveries} out of order`)
      return perSecond(seen, endedAt)
    }
  return {
    runs: (backlog: { lanes: number; perLane: number }) =>
      Object.fromEntries(opened.map(({ name, queue }) => [name, run(name, queue, backlog)])) as Record<string, Run>,
    close: async () => {
      for (const { queue, database } of opened) {
        await queue.call('close')
        await queue.stop()
        await database.drop()
      }
    },
  }
}
