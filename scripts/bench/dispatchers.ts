/** Several processes sharing one database. */
import type { BenchSet } from './bench.js'
import { drainOnce, LANES, openStore, type Store } from './drain.js'
import { atLeast, figure } from './figure.js'
import { alternate } from './measure.js'

const PROCESSES = [1, 2, 4] as const

export const dispatchers: BenchSet = {
  name: 'dispatchers',
  about:
    'The same backlog drained by one, two and four processes on one database; on two cores, more can only not hurt.',
  async run({ postgres, rounds, quick }) {
    const backlog = { users: LANES, perLane: quick ? 5 : 20 }
    const stores: Store[] = []
    try {
      for (const services of PROCESSES) stores.push(await openStore(await postgres.database(), services))
      const [one, two, four] = stores as [Store, Store, Store]
      const results = await alternate(
        {
          one: () => drainOnce(one, backlog),
          two: () => drainOnce(two, backlog),
          four: () => drainOnce(four, backlog),
        },
        rounds,
      )
      return [
        figure({
          name: 'two dispatchers, against one',
          unit: '/s',
          subject: results.two,
          limit: results.one,
          bar: atLeast(1),
        }),
        figure({ name: 'four dispatchers, against one', unit: '/s', subject: results.four, limit: results.one }),
      ]
    } finally {
      for (const store of stores) await store.close()
    }
  },
}
