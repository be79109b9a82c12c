/** Ordered, signed deliveries from a backlog, against a loop that only posts, and against queue libraries doing the same. */
import { DELIVERY_SETTINGS } from '../../packages/server/src/deliver/settings.js'
import type { BenchSet } from './bench.js'
import { atLeast, type Figure, figure } from './figure.js'
import { alternate, type Measured } from './measure.js'
import { BenchProcess } from './processes.js'
import { ProcessorTime, withPostgres } from './processor-time.js'
import { Queues } from './queues.js'
import { backlogOf, drainOnce, LANES, openStore } from './store.js'

/** As many POSTs at once as TRACT allows itself to one listener: nobody has more. */
const CONNECTIONS = DELIVERY_SETTINGS.listenerConcurrency

export const drain: BenchSet = {
  name: 'drain',
  about:
    'Deliveries of a backlog over 1,000 lanes, each lane in order, against a loop that posts and has no database, and against queue libraries: the same bodies and headers, signed, as many at once.',
  async run(bench) {
    const backlog = backlogOf(bench)
    const store = await openStore(await bench.postgres.database())
    const { receiver } = store
    const loop = await BenchProcess.start('post-loop')
    await loop.call('connect', { port: receiver.port, connections: CONNECTIONS })
    const queues = await Queues.open(bench, receiver, CONNECTIONS)
    const [ofDelivery, ofPost] = [new ProcessorTime(), new ProcessorTime()]
    const delivering = withPostgres(store.database, { service: store.tract, receiver: receiver.process })
    const posting = withPostgres(store.database, { loop, receiver: receiver.process })
    try {
      const measures = await alternate(
        {
          TRACT: (round) => {
            const { users, perLane } = backlog(round)
            return drainOnce(store, { users, perLane }, (work) =>
              ofDelivery.during(round, delivering, work, () => users.count * perLane),
            )
          },
          'undici loop': async (round) => {
            const deliveries = LANES.count * backlog(round).perLane
            await receiver.expect(deliveries)
            const run = () => loop.call<number>('run', { deliveries, connections: CONNECTIONS })
            return (deliveries / (await ofPost.during(round, posting, run, () => deliveries))) * 1_000
          },
          ...queues.runs(LANES.count, (round) => backlog(round).perLane),
        },
        bench.rounds,
      )
      bench.note(`drain: a delivery keeps processors busy for ${ofDelivery}; a POST of the loop for ${ofPost}.`)
      for (const [name, ofJob] of queues.processorTimes)
        bench.note(`drain: a job of ${name} keeps processors busy for ${ofJob}.`)
      return figures(measures, (name) => queues.keepsOrder(name))
    } finally {
      await queues.close()
      await loop.stop()
      await store.close()
    }
  },
}

type Measures = Record<'TRACT' | 'undici loop', Measured> & Record<string, Measured>

function figures(
  { TRACT: subject, 'undici loop': loop, ...queues }: Measures,
  keepsOrder: (name: string) => boolean,
): Figure[] {
  const [best] = Object.entries(queues)
    .filter(([name]) => keepsOrder(name))
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
