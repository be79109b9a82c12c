/** Messages accepted by the API and kept on disk, against what one row and one commit cost. */
import type { Bench, BenchSet } from './bench.js'
import { atLeast, type Figure, figure } from './figure.js'
import { alternate } from './measure.js'
import { BenchProcess } from './processes.js'
import { ACCEPTS_ONLY, firstMessageCall, messageCall, type Organisation, Tract } from './tract.js'

export const USERS = { prefix: 'u', count: 1_000 }
const CONNECTIONS = [1, 16, 64]
/** The bar is for a service that is busy. */
const BARRED = 64

export const accept: BenchSet = {
  name: 'accept',
  about:
    'Messages answered 2xx, each stored and enqueued for one listener, against single-row INSERTs of one transaction each.',
  async run(bench) {
    const load = await BenchProcess.start('load')
    const loop = await BenchProcess.start('limits')
    try {
      const figures: Figure[] = []
      for (const connections of CONNECTIONS) figures.push(await compare(bench, load, loop, connections))
      return figures
    } finally {
      await Promise.all([load.stop(), loop.stop()])
    }
  },
}

/** In a database of its own, since both leave their rows behind. */
async function compare(
  { postgres, quick, rounds }: Bench,
  load: BenchProcess,
  loop: BenchProcess,
  connections: number,
): Promise<Figure> {
  const milliseconds = quick ? 1_000 : 5_000
  const name = `accepts, ${connections} connection${connections === 1 ? '' : 's'}`
  const database = await postgres.database()
  await database.makeBenchRows()
  const tract = await Tract.start(database, ACCEPTS_ONLY)
  try {
    const organisation = await tract.organisation('http://127.0.0.1:9/')
    await meetUsers(load, tract, organisation)
    const call = { port: tract.port, connections, milliseconds, ...messageCall(organisation.writer, USERS) }
    const { accepts, rows } = await alternate(
      {
        accepts: async () => answeredPerSecond(await load.call<Flood>('flood', call)),
        rows: async () => {
          await loop.call('connect', { url: database.url, connections })
          const run = await loop.call<{ inserted: number; milliseconds: number }>('insert', { milliseconds })
          await loop.call('disconnect')
          return (run.inserted / run.milliseconds) * 1_000
        },
      },
      rounds,
    )
    const bar = connections === BARRED && { bar: atLeast(0.8) }
    return figure({ name, unit: '/s', subject: accepts, limit: rows, ...bar })
  } finally {
    await tract.stop()
    await database.drop()
  }
}

/** A user's first two messages cost more: until then, the thread is not remembered. */
export async function meetUsers(
  load: BenchProcess,
  tract: Tract,
  { writer }: Organisation,
  users = USERS,
): Promise<void> {
  const call = { port: tract.port, connections: 16, calls: users.count, ...firstMessageCall(writer, users) }
  for (let time = 0; time < 2; time++) await load.call('flood', call)
}

export interface Flood {
  answered: number
  milliseconds: number
}

export const answeredPerSecond = ({ answered, milliseconds }: Flood): number => (answered / milliseconds) * 1_000
