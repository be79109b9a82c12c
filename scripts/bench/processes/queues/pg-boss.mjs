/** pg-boss doing what TRACT's dispatcher does: one job a delivery, one key a lane. */
import { PgBoss } from 'pg-boss'
import { answer } from '../answer.mjs'
import { poster } from '../poster.mjs'

// What did best here of batches from 256 to 1,000 in one to four loops, for keys in order.
const BATCH = 512
const LOOPS = 2
const CONNECTIONS = 8

let boss
let post

answer({
  open: async ({ url, port, connections }) => {
    post = poster(port, connections)
    boss = new PgBoss({ connectionString: url, max: CONNECTIONS, supervise: false, schedule: false })
    boss.on('error', (error) => console.error(error))
    await boss.start()
  },
  /** Anew: the first of every lane, then the second of every lane, and so on, since jobs of one key in one INSERT come out shuffled. */
  fill: async ({ ordered, lanes, perLane }) => {
    await boss.deleteQueue('deliveries')
    await boss.createQueue('deliveries', { policy: ordered ? 'key_strict_fifo' : 'standard' })
    for (let sequence = 1; sequence <= perLane; sequence++) {
      const jobs = Array.from({ length: lanes }, (_, lane) => {
        const user = `u${lane + 1}`
        return { data: { user, sequence }, ...(ordered && { singletonKey: user }) }
      })
      await boss.insert('deliveries', jobs)
    }
  },
  /** Resolves when every job is completed. */
  drain: async ({ deliveries, path }) => {
    let completed = 0
    await Promise.all(
      Array.from({ length: LOOPS }, async () => {
        while (completed < deliveries) {
          const jobs = await boss.fetch('deliveries', { batchSize: BATCH })
          if (jobs.length === 0) continue
          const outcomes = await Promise.allSettled(jobs.map(({ data }) => post(data, path)))
          const idsOf = (status) => jobs.flatMap(({ id }, index) => (outcomes[index].status === status ? [id] : []))
          const [done, failed] = [idsOf('fulfilled'), idsOf('rejected')]
          if (done.length > 0) await boss.complete('deliveries', done)
          if (failed.length > 0) await boss.fail('deliveries', failed)
          completed += done.length
        }
      }),
    )
  },
  close: () => boss.stop({ graceful: false }),
})
