/** What PgBouncer between the service and its database adds to a message's way. */
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { OwnPostgres, Pooler, poolerProgram, postgresPrograms } from '../../../packages/testing/src/own-postgres.js'
import { meetUsers } from '../accept.js'
import type { BenchSet } from '../bench.js'
import { BenchDatabase } from '../database.js'
import { atMost, figure } from '../figure.js'
import { alternate, percentile } from '../measure.js'
import { BenchProcess } from '../processes.js'
import { Receiver } from '../receiver.js'
import { Tract } from '../tract.js'
import { lagsAt } from './latency.js'

const RATE = 50

export const pooler: BenchSet = {
  name: 'pooler',
  about:
    'Milliseconds from the call to the hook behind PgBouncer in transaction mode, beside those without it on the same server.',
  async run({ rounds, quick, note }) {
    if (postgresPrograms() === null || poolerProgram() === null) {
      note('Behind PgBouncer nothing was measured: postgresql and pgbouncer have to be installed.')
      return []
    }
    const folder = await mkdtemp(join(tmpdir(), 'tract-bench-pooler-'))
    // neither program runs as root: their account has to enter the folder
    await chmod(folder, 0o711)
    const server = await OwnPostgres.create(join(folder, 'server'), ['shared_buffers=256MB'])
    const between = await Pooler.create(join(folder, 'pooler'), server)
    await server.query('create database direct')
    const load = await BenchProcess.start('load')
    const direct = server.url.replace(/\w+$/, 'direct')
    const contenders = await Promise.all([
      open(folder, direct, load),
      open(folder, server.url, load, { DATABASE_URL: between.url, DATABASE_DIRECT_URL: server.url }),
    ])
    try {
      const medians = contenders.map(({ receiver, tract, organisation }) => async () => {
        const lags = await lagsAt({
          receiver,
          tract,
          organisation,
          load,
          rate: RATE,
          milliseconds: quick ? 2_000 : 10_000,
        })
        return percentile(lags, 50)
      })
      const [without, behind] = medians as [() => Promise<number>, () => Promise<number>]
      const found = await alternate({ direct: without, 'behind PgBouncer': behind }, rounds)
      const name = `call to hook at ${RATE}/s behind PgBouncer, p50`
      return [figure({ name, unit: 'ms', subject: found['behind PgBouncer'], limit: found.direct, bar: atMost(1.5) })]
    } finally {
      for (const { close } of contenders) await close()
      await load.stop()
      await between.stop()
      await server.stop()
      await rm(folder, { recursive: true, force: true })
    }
  },
}

/** A service on the database, with an organisation whose users it knows. */
async function open(folder: string, url: string, load: BenchProcess, given: NodeJS.ProcessEnv = {}) {
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => {})
  await client.connect()
  const dataDir = await mkdtemp(join(folder, 'service-'))
  const receiver = await Receiver.start()
  const tract = await Tract.start(new BenchDatabase(client, url, dataDir, () => client.end()), undefined, given)
  const organisation = await tract.organisation(receiver.url)
  await meetUsers(load, tract, organisation)
  const close = async () => {
    await tract.stop()
    await receiver.stop()
    await client.end()
  }
  return { receiver, tract, organisation, close }
}
