/** What a message costs, by how many listeners hear it: an organisation has four or five. */
import { answeredPerSecond, type Flood, meetUsers, USERS } from './accept.js'
import { drained } from './backlog.js'
import type { Bench, BenchSet } from './bench.js'
import { type BenchDatabase, postgresCpu } from './database.js'
import { atMost, type Figure, figure, measured } from './figure.js'
import { rounded } from './measure.js'
import { BenchProcess } from './processes.js'
import { Receiver } from './receiver.js'
import { messageCall, type Organisation, Tract } from './tract.js'

const HEARERS = [1, 2, 4, 8] as const
const CONNECTIONS = 64
/** A number and not a time: what is paid once, as for compiling and for images of pages, falls on as many on a slow machine. */
const MESSAGES = 6_000

/** Of one message, with all of its deliveries. */
interface Cost {
  service: number
  postgres: number
  wal: number
  /** Bytes of it that are images of pages, one for each page that is written to after a checkpoint. */
  images: number
  growth: number
  accepted: number
  delivered: number
}

export const hearers: BenchSet = {
  name: 'hearers',
  about: `What a message and its deliveries cost where ${HEARERS.join(', ')} listeners hear it, messages coming from ${CONNECTIONS} callers.`,
  async run(bench) {
    const receiver = await Receiver.start()
    const load = await BenchProcess.start('load')
    const costs = new Map<number, Cost[]>(HEARERS.map((count) => [count, []]))
    try {
      for (let round = 0; round <= bench.rounds; round++) {
        for (const count of HEARERS) {
          const cost = await costOf(bench, load, receiver, count)
          const told = Object.entries(cost).map(([name, value]) => `${name} ${rounded(value)}`)
          process.stderr.write(`  ${round === 0 ? 'warm-up' : `round ${round}`}  ${count}: ${told.join(', ')}\n`)
          if (round > 0) costs.get(count)?.push(cost)
        }
      }
    } finally {
      await Promise.all([load.stop(), receiver.stop()])
    }
    return figures(costs)
  },
}

/** In a database of its own: what is there already would count. */
async function costOf(
  { postgres, quick }: Bench,
  load: BenchProcess,
  receiver: Receiver,
  count: number,
): Promise<Cost> {
  const database = await postgres.database()
  const tract = await Tract.start(database)
  const messages = quick ? MESSAGES / 4 : MESSAGES
  try {
    const { writer } = await audience(tract, receiver, count)
    await meetUsers(load, tract, { id: '', writer, desk: '' })
    await drained(database)
    await database.client.query('create extension pg_walinspect')
    const look = async () => {
      const { rows } = await database.client.query<{ lsn: string; wal: string; size: string }>(
        `select lsn, lsn - '0/0' as wal, pg_database_size(current_database()) as size from pg_current_wal_insert_lsn() as lsn`,
      )
      const [at] = rows as [{ lsn: string; wal: string; size: string }]
      return {
        lsn: at.lsn,
        wal: Number(at.wal),
        size: Number(at.size),
        service: await tract.cpu(),
        postgres: await postgresCpu(database),
      }
    }
    await receiver.expect(messages * count)
    await database.client.query('checkpoint')
    const before = await look()
    const from = performance.now()
    const call = { port: tract.port, connections: CONNECTIONS, calls: messages }
    const flood = await load.call<Flood>('flood', { ...call, ...messageCall(writer, USERS) })
    // until then the database is not asked: that would count
    await receiver.reach()
    const lasted = performance.now() - from
    await drained(database)
    const after = await look()
    const each = (what: Exclude<keyof typeof before, 'lsn'>) => (after[what] - before[what]) / messages
    return {
      service: each('service'),
      postgres: each('postgres'),
      wal: each('wal'),
      images: (await imagesIn(database, before.lsn, after.lsn)) / messages,
      growth: each('size'),
      accepted: answeredPerSecond(flood),
      delivered: ((messages * count) / lasted) * 1_000,
    }
  } finally {
    await tract.stop()
    await database.drop()
  }
}

/** Bytes of images of pages in the WAL between two positions. */
async function imagesIn({ client }: BenchDatabase, from: string, to: string): Promise<number> {
  const { rows } = await client.query<{ bytes: string }>(
    'select sum(fpi_size) as bytes from pg_get_wal_stats($1, $2)',
    [from, to],
  )
  return Number(rows[0]?.bytes)
}

/** An organisation of which `count` listeners hear what users write: its desk, and others. */
export async function audience(tract: Tract, receiver: Receiver, count: number): Promise<Organisation> {
  const organisation = await tract.organisation(receiver.url)
  for (let other = 1; other < count; other++)
    await tract.hear(await tract.listener(organisation.id, `analytics_${other}`, 'analytics'), receiver.url)
  return organisation
}

const UNITS = {
  service: 'µs',
  postgres: 'µs',
  wal: 'B',
  images: 'B',
  growth: 'B',
  accepted: '/s',
  delivered: '/s',
} as const
/** Of each further hearer. */
const BARS: Partial<Record<keyof Cost, number>> = { service: 180, postgres: 60, wal: 1_024 }

function figures(costs: ReadonlyMap<number, Cost[]>): Figure[] {
  const of = (count: number) => costs.get(count) as Cost[]
  const [least, most] = [HEARERS[0], HEARERS[HEARERS.length - 1] as number]
  const names = Object.keys(UNITS) as (keyof Cost)[]
  return [
    ...names.flatMap((name) =>
      HEARERS.map((count) =>
        figure({
          name: `${count} ${count === 1 ? 'hearer' : 'hearers'}: ${name}`,
          unit: UNITS[name],
          subject: measured(of(count), (cost) => cost[name]),
          ...(count > least && { limit: measured(of(least), (cost) => cost[name]) }),
          ...(count === 4 && name === 'service' && { bar: atMost(2) }),
        }),
      ),
    ),
    ...(['service', 'postgres', 'wal', 'images'] as const).map((name) => {
      const bound = BARS[name]
      const further = of(most).map((cost, round) => (cost[name] - (of(least)[round] as Cost)[name]) / (most - least))
      const subject = measured(further, (value) => value)
      return figure({
        name: `a further hearer: ${name}`,
        unit: UNITS[name],
        subject,
        ...(bound && { bar: atMost(bound, 'value') }),
      })
    }),
  ]
}
