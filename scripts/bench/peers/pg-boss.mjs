/** pg-boss doing the dispatcher's work: one job a delivery, one key a lane. */
import { PgBoss } from 'pg-boss'
import { answer } from '../processes/answer.mjs'
import { bodyOf, poster } from '../processes/delivery.mjs'

// The fastest here of batches from 256 to 1,000 in one to four loops.
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
  /** The n-th of every lane in one INSERT: jobs of one key in one INSERT come out shuffled. */
  fill: async ({ lanes, perLane }) => {
    await boss.deleteQueue('deliveries')
    await boss.createQueue('deliveries', { policy: 'key_strict_fifo' })
    const users = Array.from({ length: lanes }, (_, lane) => `u${lane + 1}`)
    for (let sequence = 1; sequence <= perLane; sequence++)
      await boss.insert(
        'deliveries',
        users.map((user) => ({ data: { user, sequence }, singletonKey: user })),
      )
  },
  /** Resolves when every job is completed. */
  drain: async ({ deliveries, path }) => {
    let completed = 0
    const loop = async () => {
      while (completed < deliveries) {
        const jobs = await boss.fetch('deliveries', { batchSize: BATCH })
        if (jobs.length === 0) continue
        const outcomes = await Promise.allSettled(
          jobs.map(({ data: { user, sequence } }) => post(bodyOf(user, sequence), sequence, path)),
        )
        const idsOf = (status) => jobs.flatMap(({ id }, index) => (outcomes[index].status === status ? [id] : []))
        const [done, failed] = [idsOf('fulfilled'), idsOf('rejected')]
        if (done.length > 0) await boss.complete('deliveries', done)
        if (failed.length > 0) await boss.fail('deliveries', failed)
        completed += done.length
      }
    }
    await Promise.all(Array.from({ length: LOOPS }, loop))
  },
  close: () => boss.stop({ graceful: false }),
})
