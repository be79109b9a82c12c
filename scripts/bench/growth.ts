/** Whether a message costs more when much is waiting, and when much lies behind. */
import { answeredPerSecond, type Flood } from './accept.js'
import { addBacklog, addHistory, addUsers, settle, type Template, template, type Users } from './backlog.js'
import type { Bench, BenchSet } from './bench.js'
import { type BenchDatabase, postgresCpu } from './database.js'
import { atMost, figure } from './figure.js'
import { alternate, type Measured } from './measure.js'
import { BenchProcess } from './processes.js'
import { Receiver } from './receiver.js'
import { ACCEPTS_ONLY, messageCall, type Organisation, Tract } from './tract.js'

const CONNECTIONS = 64
/** Lanes that each round delivers from, and adds to again. */
const WORKED = 1_000
/** Deliveries before the measurement begins, and those that count. */
const WARM_UP = 5_000
const COUNTED = 20_000

interface Size {
  name: string
  users: number
  /** Deliveries that wait in each user's lane. */
  waiting: number
  /** Messages, deliveries and attempts that each user has behind it. */
  past: number
}

const EMPTY: Size = { name: 'an empty store', users: 1_000, waiting: 15, past: 0 }
const GROWN: readonly Size[] = [
  { name: '1 M waiting', users: 50_000, waiting: 20, past: 0 },
  { name: '10 M rows of history', users: 100_000, waiting: 0, past: 34 },
]

export const growth: BenchSet = {
  name: 'growth',
  about:
    'What a message costs to accept and to deliver while much is waiting, or lies behind, against a store that has next to nothing.',
  async run(bench) {
    const receiver = await Receiver.start()
    const load = await BenchProcess.start('load')
    const stores: Grown[] = []
    const inTurns = (run: (store: Grown) => Promise<number>) =>
      alternate(Object.fromEntries(stores.map((store) => [store.name, () => run(store)])), bench.rounds)
    try {
      for (const size of [EMPTY, ...GROWN]) stores.push(await grow(bench, receiver, size))
      const accepts = await inTurns((store) => acceptsOf(store, load, bench.quick))
      for (const { accepting } of stores) await accepting.stop()
      const deliveries = await inTurns((store) => deliver(store, receiver))
      if (!bench.quick)
        bench.note(
          'growth: of 1 M waiting and of 10 M rows, calls name more users than the service remembers threads of; such a call is a transaction of its own.',
        )
      const of = (measures: Record<string, Measured>, { name }: Size) => measures[name] as Measured
      return GROWN.flatMap((size) => [
        figure({
          name: `accepts with ${size.name}, against an empty store`,
          unit: '/s',
          subject: of(accepts, size),
          limit: of(accepts, EMPTY),
        }),
        figure({
          name: `a delivery with ${size.name}, against an empty store`,
          unit: 'µs of CPU',
          subject: of(deliveries, size),
          limit: of(deliveries, EMPTY),
          ...(size.waiting > 0 && { bar: atMost(1.2) }),
        }),
      ])
    } finally {
      await Promise.all([load.stop(), receiver.stop(), ...stores.map(({ accepting }) => accepting.stop())])
      for (const { database } of stores) await database.drop()
    }
  },
}

interface Grown {
  name: string
  database: BenchDatabase
  accepting: Tract
  organisation: Organisation
  rows: Template
  users: Users
}

/** A store of that size, with a process that takes calls and delivers nothing. */
async function grow(
  { postgres, quick }: Bench,
  receiver: Receiver,
  { name, users: full, waiting, past }: Size,
): Promise<Grown> {
  process.stderr.write(`  filling: ${name}\n`)
  const database = await postgres.database()
  const first = await Tract.start(database)
  const organisation = await first.organisation(receiver.url)
  const rows = await template(database, first, organisation)
  await first.stop()
  const users = { prefix: 'u', count: quick ? Math.max(WORKED, full / 20) : full }
  await addUsers(database, rows, users)
  if (past > 0) await addHistory(database, rows, users, past)
  const resident = waiting > 0 ? { users, perLane: waiting } : { users: { ...users, count: WORKED }, perLane: 15 }
  await addBacklog(database, rows, resident)
  await settle(database)
  return { name, database, accepting: await Tract.start(database, ACCEPTS_ONLY), organisation, rows, users }
}

async function acceptsOf({ accepting, organisation, users }: Grown, load: BenchProcess, quick: boolean) {
  const call = { port: accepting.port, connections: CONNECTIONS, milliseconds: quick ? 1_000 : 5_000 }
  return answeredPerSecond(await load.call<Flood>('flood', { ...call, ...messageCall(organisation.writer, users) }))
}

/** Microseconds of processor time that a delivery takes in the service and in PostgreSQL. */
async function deliver({ database, rows }: Grown, receiver: Receiver): Promise<number> {
  const perLane = (WARM_UP + COUNTED) / WORKED
  await addBacklog(database, rows, { users: { prefix: 'u', count: WORKED }, perLane })
  await receiver.expect(WARM_UP + COUNTED)
  const tract = await Tract.start(database)
  const spent = async () => (await tract.cpu()) + (await postgresCpu(database))
  try {
    await receiver.reach(WARM_UP)
    const before = await spent()
    await receiver.reach()
    return ((await spent()) - before) / COUNTED
  } finally {
    await tract.stop()
    await receiver.seenInOrder()
  }
}
