/** Whether a message costs more when much waits already, and when much has been. */
import { answeredPerSecond } from './accept.js'
import { addBacklog, addHistory, addUsers, settle, type Template, template, type Users } from './backlog.js'
import type { Bench, BenchSet } from './bench.js'
import type { BenchDatabase } from './database.js'
import { atMost, type Figure, figure, measured } from './figure.js'
import { alternate, type Measured, type Run } from './measure.js'
import { postgresCpu } from './postgres-cpu.js'
import { BenchProcess } from './processes.js'
import { clock, Receiver } from './receiver.js'
import { ACCEPTS_ONLY, messageCall, type Organisation, Tract } from './tract.js'

const CONNECTIONS = 64
/** Lanes that each round delivers from, and adds to again. */
const WORKED = 1_000
/** Delivered before the measuring begins, and what is measured. */
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

const SIZES = [
  { name: 'an empty store', users: 1_000, waiting: 15, past: 0 },
  { name: '100 k waiting', users: 5_000, waiting: 20, past: 0 },
  { name: '1 M waiting', users: 50_000, waiting: 20, past: 0 },
  { name: '10 M rows of history', users: 100_000, waiting: 0, past: 34 },
] as const satisfies readonly Size[]

export const growth: BenchSet = {
  name: 'growth',
  about:
    'What a message costs to accept and to deliver while much waits already, or lies behind, against a store that has next to nothing.',
  async run(bench) {
    const receiver = await Receiver.start()
    const load = await BenchProcess.start('load')
    const stores: Grown[] = []
    try {
      for (const size of SIZES) stores.push(await grow(bench, receiver, scaled(size, bench)))
      const accepts = await alternate(
        runs(stores, (store) => acceptsOf(store, load, bench.quick)),
        bench.rounds,
      )
      for (const { accepting } of stores) await accepting.stop()
      const costs = new Map<string, Cost[]>(stores.map(({ name }) => [name, []]))
      await alternate(
        runs(stores, async (store, round) => {
          const cost = await deliver(store, receiver)
          if (round > 0) costs.get(store.name)?.push(cost)
          return cost.cpu
        }),
        bench.rounds,
      )
      // a quick run has fewer users
      if (!bench.quick)
        bench.note(
          'growth: of 1 M waiting and of 10 M rows, calls name more users than the service remembers threads of; such a call is a transaction of its own.',
        )
      return figures(accepts, costs)
    } finally {
      await Promise.all([load.stop(), receiver.stop(), ...stores.map(({ accepting }) => accepting.stop())])
      for (const { database } of stores) await database.drop()
    }
  },
}

const scaled = (size: Size, { quick }: Bench): Size =>
  quick ? { ...size, users: Math.max(WORKED, size.users / 20) } : size

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
  { postgres }: Bench,
  receiver: Receiver,
  { name, users: count, waiting, past }: Size,
): Promise<Grown> {
  process.stderr.write(`  filling: ${name}\n`)
  const database = await postgres.database()
  const first = await Tract.start(database)
  const organisation = await first.organisation(receiver.url)
  const rows = await template(database, first, organisation)
  await first.stop()
  const users = { prefix: 'u', count }
  await addUsers(database, rows, users)
  if (past > 0) await addHistory(database, rows, users, past)
  const resident = waiting > 0 ? { users, perLane: waiting } : { users: { prefix: 'u', count: WORKED }, perLane: 15 }
  await addBacklog(database, rows, resident)
  await settle(database)
  return { name, database, accepting: await Tract.start(database, ACCEPTS_ONLY), organisation, rows, users }
}

const runs = (stores: Grown[], run: (store: Grown, round: number) => Promise<number>): Record<string, Run> =>
  Object.fromEntries(stores.map((store) => [store.name, (round: number) => run(store, round)]))

async function acceptsOf(
  { accepting, organisation, users }: Grown,
  load: BenchProcess,
  quick: boolean,
): Promise<number> {
  const call = messageCall(organisation.writer, users)
  const milliseconds = quick ? 1_000 : 5_000
  return answeredPerSecond(
    await load.call('flood', { port: accepting.port, connections: CONNECTIONS, milliseconds, ...call }),
  )
}

/** Microseconds of one delivery: of the processors, in the service and in PostgreSQL, and by the clock. */
interface Cost {
  cpu: number
  wall: number
}

async function deliver({ database, rows }: Grown, receiver: Receiver): Promise<Cost> {
  await addBacklog(database, rows, {
    users: { prefix: 'u', count: WORKED },
    perLane: (WARM_UP + COUNTED) / WORKED,
  })
  await receiver.expect(WARM_UP + COUNTED)
  const tract = await Tract.start(database)
  const spent = async () => ({ cpu: (await tract.cpu()) + (await postgresCpu(database)), wall: clock() * 1_000 })
  try {
    await receiver.reach(WARM_UP)
    const before = await spent()
    await receiver.complete()
    const after = await spent()
    return { cpu: (after.cpu - before.cpu) / COUNTED, wall: (after.wall - before.wall) / COUNTED }
  } finally {
    await tract.stop()
    receiver.demandOrder(await receiver.seen())
  }
}

function figures(accepts: Record<string, Measured>, costs: Map<string, Cost[]>): Figure[] {
  const [empty, ...grown] = SIZES.map(({ name }) => name) as [string, ...string[]]
  const cost = (name: string, kind: keyof Cost) => measured(costs.get(name) ?? [], (one) => one[kind])
  return grown.flatMap((name) => [
    figure({
      name: `accepts with ${name}, against an empty store`,
      unit: '/s',
      subject: accepts[name] as Measured,
      limit: accepts[empty] as Measured,
    }),
    figure({
      name: `a delivery with ${name}, against an empty store`,
      unit: 'µs of CPU',
      subject: cost(name, 'cpu'),
      limit: cost(empty, 'cpu'),
      ...(name === '1 M waiting' && { bar: atMost(1.2) }),
    }),
    figure({
      name: `a delivery with ${name}, by the clock`,
      unit: 'µs',
      subject: cost(name, 'wall'),
      limit: cost(empty, 'wall'),
    }),
  ])
}
