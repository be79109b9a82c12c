/** graphile-worker doing the dispatcher's work: one job a delivery, one named queue a lane. */
import { setTimeout as sleep } from 'node:timers/promises'
import { Logger, makeWorkerUtils, run } from 'graphile-worker'
import { answer } from '../processes/answer.mjs'
import { bodyOf, poster } from '../processes/delivery.mjs'
import { ofServer } from '../processes/of-server.mjs'

const CONCURRENT = 64

const pg = ofServer('pg')

let pool
let utils
let options
let post

answer({
  open: async ({ url, port, connections }) => {
    post = poster(port, connections)
    pool = new pg.Pool({ connectionString: url, max: 12 })
    pool.on('error', () => {})
    pool.on('connect', (client) => client.on('error', () => {}))
    options = { pgPool: pool, logger: new Logger(() => () => {}) }
    utils = await makeWorkerUtils(options)
    await utils.migrate()
  },
  fill: async ({ lanes, perLane }) => {
    await pool.query('truncate graphile_worker._private_jobs, graphile_worker._private_job_queues cascade')
    const users = Array.from({ length: lanes }, (_, lane) => `u${lane + 1}`)
    for (let sequence = 1; sequence <= perLane; sequence++)
      await utils.addJobs(
        users.map((user) => ({ identifier: 'deliver', payload: { user, sequence }, queueName: user })),
      )
  },
  /** Resolves when every job is done, and its row is gone. */
  drain: async ({ deliveries, path }) => {
    let posted = 0
    const deliver = async ({ user, sequence }) => {
      await post(bodyOf(user, sequence), sequence, path)
      posted++
    }
    const runner = await run({
      ...options,
      noHandleSignals: true,
      taskList: { deliver },
      preset: {
        worker: {
          concurrentJobs: CONCURRENT,
          pollInterval: 10,
          localQueue: { size: 4 * CONCURRENT },
          completeJobBatchDelay: 0,
          getQueueNameBatchDelay: 0,
        },
      },
    })
    while (posted < deliveries) await sleep(5)
    while ((await pool.query('select 1 from graphile_worker._private_jobs limit 1')).rowCount) await sleep(5)
    await runner.stop()
  },
  close: async () => {
    await utils.release()
    await pool.end()
  },
})
