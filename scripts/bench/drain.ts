/** Ordered, signed deliveries of a backlog, against a loop that only posts. */
import { DELIVERY_SETTINGS } from '../../packages/server/src/deliver/settings.js'
import type { BenchSet } from './bench.js'
import { atLeast, figure } from './figure.js'
import { alternate } from './measure.js'
import { BenchProcess } from './processes.js'
import { ProcessorTime, withPostgres } from './processor-time.js'
import { drainedPerSecond, LANES, openStore, perLaneOf } from './store.js'

/** As many POSTs at a time as TRACT allows itself to one listener. */
export const CONNECTIONS = DELIVERY_SETTINGS.listenerConcurrency

export const drain: BenchSet = {
  name: 'drain',
  about:
    'Deliveries of a backlog over 1,000 lanes, each lane in order, against a loop that posts the same signed bodies, as many at a time, and has no database.',
  async run(bench) {
    const perLane = perLaneOf(bench)
    const store = await openStore(await bench.postgres.database())
    const { database, receiver, tract } = store
    const loop = await BenchProcess.start('limits')
    await loop.call('connect', { port: receiver.port, connections: CONNECTIONS })
    const [ofDelivery, ofPost] = [new ProcessorTime(), new ProcessorTime()]
    const delivering = withPostgres(database, { service: tract, receiver: receiver.process })
    const posting = { loop, receiver: receiver.process }
    try {
      const { deliveries, posts } = await alternate(
        {
          deliveries: (round) =>
            drainedPerSecond(store, perLane(round), (work) =>
              ofDelivery.during(round, delivering, work, () => LANES.count * perLane(round)),
            ),
          posts: async (round) => {
            const deliveries = LANES.count * perLane(round)
            await receiver.expect(deliveries)
            const run = () => loop.call<number>('post', { deliveries, connections: CONNECTIONS })
            return (deliveries / (await ofPost.during(round, posting, run, () => deliveries))) * 1_000
          },
        },
        bench.rounds,
      )
      bench.note(`drain: a delivery keeps processors busy for ${ofDelivery}; a POST of the loop for ${ofPost}.`)
      const name = 'drain, against an undici loop'
      return [figure({ name, unit: '/s', subject: deliveries, limit: posts, bar: atLeast(0.7) })]
    } finally {
      await loop.stop()
      await store.close()
    }
  },
}
