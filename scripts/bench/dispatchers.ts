/** Several processes sharing one database. */
import type { BenchSet } from './bench.js'
import { atLeast, figure } from './figure.js'
import { alternate } from './measure.js'
import { backlogOf, drainOnce, openStore, type Store } from './store.js'

const PROCESSES = [1, 2, 4] as const

export const dispatchers: BenchSet = {
  name: 'dispatchers',
  about:
    'The same backlog drained by one, two and four processes on one database; on two cores, more can only not hurt.',
  async run(bench) {
    const backlog = backlogOf(bench)
    const stores: Store[] = []
    try {
      for (const services of PROCESSES) stores.push(await openStore(await bench.postgres.database(), services))
      const [one, two, four] = stores as [Store, Store, Store]
      const results = await alternate(
        {
          one: (round) => drainOnce(one, backlog(round)),
          two: (round) => drainOnce(two, backlog(round)),
          four: (round) => drainOnce(four, backlog(round)),
        },
        bench.rounds,
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
