/** The queue libraries, each with a database of its own, posting to the same receiver. */
import type { Bench } from './bench.js'
import type { Run } from './measure.js'
import { BenchProcess } from './processes.js'
import { clock, perSecond, type Receiver } from './receiver.js'

const CONNECTIONS = 64

const QUEUES = [
  { name: 'pg-boss standard', process: 'queues/pg-boss' },
  { name: 'pg-boss key_strict_fifo', process: 'queues/pg-boss' },
  { name: 'graphile-worker', process: 'queues/graphile-worker' },
  { name: 'graphile-worker named queues', process: 'queues/graphile-worker' },
] as const

/** Those that are to keep each lane in order. */
export const ORDERED: ReadonlySet<string> = new Set(['pg-boss key_strict_fifo', 'graphile-worker named queues'])

export interface Queues {
  runs(backlog: { lanes: number; perLane: number }): Record<string, Run>
  close(): Promise<void>
}

export async function openQueues({ postgres, note }: Bench, receiver: Receiver): Promise<Queues> {
  const opened = await Promise.all(
    QUEUES.map(async ({ name, process }) => {
      const database = await postgres.database()
      const queue = await BenchProcess.start(process)
      await queue.call('open', { url: database.url, port: receiver.port, connections: CONNECTIONS })
      return { name, queue, database }
    }),
  )
  return {
    runs: ({ lanes, perLane }) => {
      const run = async (name: string, queue: BenchProcess) => {
        const deliveries = lanes * perLane
        const ordered = ORDERED.has(name)
        await queue.call('fill', { lanes, perLane, ordered })
        await receiver.expect(deliveries)
        await queue.call('drain', { deliveries })
        const endedAt = clock()
        const seen = await receiver.seen()
        const astray = seen.gaps + seen.backwards
        if (ordered && astray > 0) note(`${name}: ${astray} of ${deliveries} did not come in order.`)
        return perSecond(seen, endedAt)
      }
      return Object.fromEntries(opened.map(({ name, queue }) => [name, () => run(name, queue)]))
    },
    close: async () => {
      for (const { queue, database } of opened) {
        await queue.call('close')
        await queue.stop()
        await database.drop()
      }
    },
  }
}
