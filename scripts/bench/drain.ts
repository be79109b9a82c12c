/** Ordered, signed deliveries of a backlog, against a loop that only posts. */
import { DELIVERY_SETTINGS } from '../../packages/server/src/deliver/settings.js'
import type { BenchSet } from './bench.js'
import { atLeast, figure } from './figure.js'
import { alternate } from './measure.js'
import { BenchProcess } from './processes.js'
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
    const { receiver } = store
    const loop = await BenchProcess.start('limits')
    await loop.call('connect', { port: receiver.port, connections: CONNECTIONS })
    try {
      const { deliveries, posts } = await alternate(
        {
          deliveries: (round) => drainedPerSecond(store, perLane(round)),
          posts: async (round) => {
            const deliveries = LANES.count * perLane(round)
            await receiver.expect(deliveries)
            return (deliveries / (await loop.call<number>('post', { deliveries, connections: CONNECTIONS }))) * 1_000
          },
        },
        bench.rounds,
      )
      const name = 'drain, against an undici loop'
      return [figure({ name, unit: '/s', subject: deliveries, limit: posts, bar: atLeast(0.7) })]
    } finally {
      await loop.stop()
      await store.close()
    }
  },
}
