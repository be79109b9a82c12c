/** Durable accepts through the API, against what one row and one commit cost. */
import type { Bench, BenchSet } from './bench.js'
import type { BenchDatabase } from './database.js'
import { atLeast, type Figure, figure } from './figure.js'
import { alternate } from './measure.js'
import { BenchProcess } from './processes.js'
import { ProcessorTime, withPostgres } from './processor-time.js'
import { ACCEPTS_ONLY, firstMessageCall, messageCall, type Organisation, Tract } from './tract.js'

export const USERS = { prefix: 'u', count: 1_000 }
const CONNECTIONS = [1, 16, 64]

export const accept: BenchSet = {
  name: 'accept',
  about:
    'Messages answered 2xx, each stored and enqueued for one listener, against single-row INSERTs of one transaction each.',
  async run(bench) {
    const load = await BenchProcess.start('load')
    const inserts = await BenchProcess.start('insert-loop')
    try {
      const figures: Figure[] = []
      for (const connections of CONNECTIONS) figures.push(await compare(bench, load, inserts, connections))
      return figures
    } finally {
      await Promise.all([load.stop(), inserts.stop()])
    }
  },
}

/** On a database of its own, since both leave their rows behind. */
async function compare(bench: Bench, load: BenchProcess, inserts: BenchProcess, connections: number): Promise<Figure> {
  const database = await bench.postgres.database()
  await database.makeBenchRows()
  const tract = await Tract.start(database, ACCEPTS_ONLY)
  try {
    const organisation = await tract.organisation('http://127.0.0.1:9/')
    await meetUsers(load, tract, organisation)
    return await measure(bench, { database, tract, organisation, load, inserts, connections })
  } finally {
    await tract.stop()
    await database.drop()
  }
}

interface Parts {
  database: BenchDatabase
  tract: Tract
  organisation: Organisation
  load: BenchProcess
  inserts: BenchProcess
  connections: number
}

async function measure({ rounds, quick, note }: Bench, parts: Parts): Promise<Figure> {
  const { database, tract, organisation, load, inserts, connections } = parts
  const milliseconds = quick ? 1_000 : 5_000
  const [ofAccept, ofInsert] = [new ProcessorTime(), new ProcessorTime()]
  const [accepting, inserting] = [
    withPostgres(database, { service: tract, callers: load }),
    withPostgres(database, { loop: inserts }),
  ]
  const { accepts, rows } = await alternate(
    {
      accepts: async (round) => {
        const call = { port: tract.port, connections, milliseconds, ...messageCall(organisation.writer, USERS) }
        const flood = () => load.call<Flood>('flood', call)
        return answeredPerSecond(await ofAccept.during(round, accepting, flood, ({ answered }) => answered))
      },
      rows: async (round) => {
        await inserts.call('connect', { url: database.url, connections })
        const insert = () => inserts.call<{ inserted: number; milliseconds: number }>('run', { milliseconds })
        const { inserted, milliseconds: took } = await ofInsert.during(round, inserting, insert, (run) => run.inserted)
        await inserts.call('disconnect')
        return (inserted / took) * 1_000
      },
    },
    rounds,
  )
  note(
    `accepts, ${connections} connection${connections === 1 ? '' : 's'}: an accept keeps processors busy for ${ofAccept}; an INSERT for ${ofInsert}.`,
  )
  return figure({
    name: `accepts, ${connections} connection${connections === 1 ? '' : 's'}`,
    unit: '/s',
    subject: accepts,
    limit: rows,
    ...(connections === 64 && { bar: atLeast(0.8) }),
  })
}

/**
 * The first message of a user costs more than the others, and so does the next one, for until then the thread is not remembered: neither is
 * what is measured.
 */
export async function meetUsers(
  load: BenchProcess,
  tract: Tract,
  { writer }: Organisation,
  users = USERS,
): Promise<void> {
  for (let time = 0; time < 2; time++)
    await load.call('flood', {
      port: tract.port,
      connections: 16,
      calls: users.count,
      ...firstMessageCall(writer, users),
    })
}

export interface Flood {
  answered: number
  milliseconds: number
}

export const answeredPerSecond = ({ answered, milliseconds }: Flood): number => (answered / milliseconds) * 1_000
