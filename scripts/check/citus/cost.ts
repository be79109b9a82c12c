/**
 * What a message costs PostgreSQL on Citus, all nodes together, against a plain PostgreSQL: accepted from 64 callers, and delivered.
 * The nodes have to run on this machine, where their processor time is read.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { PATIENT_SETTINGS } from '../../../packages/testing/src/patient-settings.js'
import { type Flood, meetUsers, USERS } from '../../bench/accept.js'
import { drained } from '../../bench/backlog.js'
import { BenchDatabase, BenchPostgres, postgresCpu } from '../../bench/database.js'
import { median } from '../../bench/measure.js'
import { BenchProcess } from '../../bench/processes.js'
import { Receiver } from '../../bench/receiver.js'
import { messageCall, Tract } from '../../bench/tract.js'
import type { OwnSchema } from './schema.js'

const CONNECTIONS = 64
const MESSAGES = 6_000
const ROUNDS = 3

/** A database under measurement, and connections to every server that works for it. */
interface Subject {
  name: string
  database: BenchDatabase
  /** Of the service's connections. */
  url: string
  servers: pg.Client[]
}

export async function costs(schema: OwnSchema, say: (text: string) => void): Promise<void> {
  const plain = await BenchPostgres.start()
  const dataDir = await mkdtemp(join(tmpdir(), 'tract-citus-'))
  const [client, servers] = await Promise.all([connect(schema.url), connectToNodes(schema)])
  try {
    const database = await plain.database()
    const citus = new BenchDatabase(client, schema.url, dataDir, async () => {})
    const subjects: Subject[] = [
      { name: 'plain PostgreSQL', database, url: database.url, servers: [database.client] },
      { name: 'Citus', database: citus, url: citus.url, servers },
      { name: 'Citus, by the node that has the schema', database: citus, url: await schema.urlOfNode(), servers },
    ]
    let limit: number | undefined
    for (const subject of subjects) {
      const rounds = await costOf(subject)
      const cost = median(rounds.map(sum))
      limit ??= cost
      const each = rounds.map((round) => Math.round(sum(round))).join(', ')
      const coordinator = Math.round(median(rounds.map(([first = 0]) => first)))
      say(
        `${subject.name}: ${each} µs of PostgreSQL's processor time a message` +
          (cost === limit ? '' : `, ${(cost / limit).toFixed(1)} × plain; ${coordinator} µs of it the coordinator's`),
      )
    }
  } finally {
    for (const connected of [client, ...servers]) await connected.end()
    await rm(dataDir, { recursive: true, force: true })
    await plain.stop()
  }
}

async function connect(connectionString: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString })
  await client.connect()
  return client
}

async function connectToNodes(schema: OwnSchema): Promise<pg.Client[]> {
  const { rows } = await schema.query('select nodename, nodeport from pg_dist_node where isactive order by groupid')
  return Promise.all(
    rows.map(({ nodename, nodeport }) => {
      const node = new URL(schema.url)
      node.hostname = nodename
      node.port = nodeport
      return connect(node.toString())
    }),
  )
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0)

/** Microseconds of each server, of each round. The first warms up, and does not count. */
async function costOf({ database, url, servers }: Subject): Promise<number[][]> {
  // nothing of a message: the first start goes through all buckets, and then none for hours
  await database.client.query('update buckets set pruned_at = now()')
  const receiver = await Receiver.start()
  const load = await BenchProcess.start('load')
  const tract = await Tract.start(database, undefined, { ...PATIENT_SETTINGS, DATABASE_URL: url })
  const cpu = () => Promise.all(servers.map((client) => postgresCpu({ client } as BenchDatabase)))
  try {
    const organisation = await tract.organisation(receiver.url)
    await meetUsers(load, tract, organisation)
    const rounds: number[][] = []
    for (let round = 0; round <= ROUNDS; round++) {
      await drained(database)
      await receiver.expect(MESSAGES)
      const before = await cpu()
      const call = { port: tract.port, connections: CONNECTIONS, calls: MESSAGES }
      await load.call<Flood>('flood', { ...call, ...messageCall(organisation.writer, USERS) })
      await receiver.reach()
      await drained(database)
      await receiver.seenInOrder()
      const after = await cpu()
      if (round > 0) rounds.push(after.map((us, server) => (us - (before[server] as number)) / MESSAGES))
    }
    return rounds
  } finally {
    await Promise.all([tract.stop(), load.stop(), receiver.stop()])
  }
}
