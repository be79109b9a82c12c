/** One lane with a backlog: one delivery after the other. */
import type { BenchSet } from './bench.js'
import { atLeast, figure } from './figure.js'
import { alternate } from './measure.js'
import { BenchProcess } from './processes.js'
import { drainOnce, openStore } from './store.js'

export const hotLane: BenchSet = {
  name: 'hot-lane',
  about: 'Deliveries of a single lane, against one connection that posts one after the other.',
  async run({ postgres, rounds, quick }) {
    const deliveries = quick ? 500 : 5_000
    const store = await openStore(await postgres.database())
    const loop = await BenchProcess.start('post-loop')
    await loop.call('connect', { port: store.receiver.port, connections: 1 })
    try {
      const { lane, connection } = await alternate(
        {
          lane: () => drainOnce(store, { users: { prefix: 'hot', count: 1 }, perLane: deliveries }),
          connection: async () => {
            await store.receiver.expect(deliveries)
            return (deliveries / (await loop.call<number>('run', { deliveries, connections: 1 }))) * 1_000
          },
        },
        rounds,
      )
      return [
        figure({
          name: 'one hot lane, against one connection',
          unit: '/s',
          subject: lane,
          limit: connection,
          bar: atLeast(0.5),
        }),
      ]
    } finally {
      await loop.stop()
      await store.close()
    }
  },
}
