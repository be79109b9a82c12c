/** Whether deliveries slow down while history past its time is removed beside them. */
import pg from 'pg'
import { ALL_BUCKETS } from '../../packages/server/src/lanes/deliveries.js'
import { RETENTION_SETTINGS, Retention } from '../../packages/server/src/upkeep/retention.js'
import { addHistory, addUsers, clear, settle } from './backlog.js'
import type { BenchSet } from './bench.js'
import { atLeast, figure } from './figure.js'
import { alternate } from './measure.js'
import { ProcessorTime, withPostgres } from './processor-time.js'
import { backlogOf, drainBeside, openStore, type Store } from './store.js'

/** What removes is this process itself, and little else of it does anything meanwhile. */
const remover = {
  cpu: async () => {
    const { user, system } = process.cpuUsage()
    return user + system
  },
}

const PAST = { users: 10_000, each: 20 }

export const retention: BenchSet = {
  name: 'retention',
  about: 'Draining a backlog while history past its time is removed from the same buckets, against draining it alone.',
  async run(bench) {
    const backlog = backlogOf(bench)
    const store = await openStore(await bench.postgres.database())
    const pool = new pg.Pool({ connectionString: store.database.url, max: 1 })
    const removed: number[] = []
    const [alone, removing] = [new ProcessorTime(), new ProcessorTime()]
    const drain = (round: number, ofDelivery: ProcessorTime, others: { remover?: typeof remover } = {}) => {
      const { users, perLane } = backlog(round)
      const parties = withPostgres(store.database, {
        service: store.tract,
        receiver: store.receiver.process,
        ...others,
      })
      return drainBeside(store, { users, perLane }, (work) =>
        ofDelivery.during(round, parties, work, () => users.count * perLane),
      )
    }
    try {
      const speeds = await alternate(
        {
          alone: async (round) => {
            await fill(store, `a${round}-`)
            return drain(round, alone)
          },
          removing: async (round) => {
            await fill(store, `r${round}-`)
            const before = await remaining(store)
            const began = performance.now()
            // Whatever has ended is past its time.
            const work = new Retention({
              db: pool,
              buckets: () => new Set(ALL_BUCKETS),
              settings: { ...RETENTION_SETTINGS, keep: 0, look: 1, round: 1 },
              onError: console.error,
            })
            work.start()
            const speed = await drain(round, removing, { remover })
            await work.stop()
            const after = await remaining(store)
            if (after === 0) throw new Error('there was nothing left to remove before the end')
            removed.push(((before - after) / (performance.now() - began)) * 1_000)
            return speed
          },
        },
        bench.rounds,
      )
      bench.note(`retention: meanwhile ${Math.round(Math.min(...removed))} messages a second were removed at least.`)
      bench.note(`retention: a delivery keeps processors busy for ${alone}; while history is removed, for ${removing}.`)
      const name = 'draining while history is removed, against draining alone'
      return [figure({ name, unit: '/s', subject: speeds.removing, limit: speeds.alone, bar: atLeast(0.9) })]
    } finally {
      await pool.end()
      await store.close()
    }
  },
}

/** History of users of its own: what was removed before must not make it easier. */
async function fill({ database, rows }: Store, prefix: string): Promise<void> {
  await clear(database)
  await database.client.query('truncate threads, users')
  const users = { prefix, count: PAST.users }
  await addUsers(database, rows, users)
  await addHistory(database, rows, users, PAST.each)
  await settle(database)
}

const remaining = ({ database }: Store): Promise<number> => database.count("messages where user_id ~ '^[ar]\\d+-'")
