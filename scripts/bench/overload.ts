/** What becomes of calls when more come than can be done. */
import { type Flood, meetUsers, USERS } from './accept.js'
import { drained } from './backlog.js'
import type { Bench, BenchSet } from './bench.js'
import type { BenchDatabase } from './database.js'
import { atLeast, atMost, type Figure, figure, measured } from './figure.js'
import { percentile, rounded } from './measure.js'
import { BenchProcess } from './processes.js'
import { Receiver } from './receiver.js'
import { messageCall, type Organisation, Tract } from './tract.js'

/** Of what can be done. */
const TIMES = [0.5, 1, 2, 4] as const
type Times = (typeof TIMES)[number]
/** Callers that wait for each answer find what can be done: they keep the service busy, and few of them are refused. */
const WAITING_CALLERS = 64
const SEARCH_MS = 3_000
const MOST_CONNECTIONS = 2_000
/** In place of a status, as processes/load.mjs has it. */
const NOT_MADE = 1

interface Parts {
  database: BenchDatabase
  tract: Tract
  organisation: Organisation
  load: BenchProcess
  storm: BenchProcess
  health: BenchProcess
  milliseconds: number
}

interface Result {
  accepted: number
  overloaded: number
  rateLimited: number
  /** Not made, because every connection was waiting for an answer. */
  notMade: number
  others: number
  /** Accepted, a second, until the last was answered. */
  goodput: number
  /** Milliseconds of the slowest in a hundred that were accepted. */
  p99: number
  /** Milliseconds of the slowest answer about health, at the port of the API and at the operations port. */
  health: [api: number, operations: number]
  /** Accepted, and not in the database. */
  lost: number
  /** In the database, and not accepted. */
  done: number
}

export const overload: BenchSet = {
  name: 'overload',
  about:
    'Messages accepted and delivered when 0.5, 1, 2 and 4 times as many come as can be done, from callers that do not wait for one another; and what health answers in that time.',
  async run(bench) {
    const database = await bench.postgres.database()
    const receiver = await Receiver.start()
    const [load, storm, health] = (await Promise.all(
      ['load', 'load', 'health'].map((name) => BenchProcess.start(name)),
    )) as [BenchProcess, BenchProcess, BenchProcess]
    // A service that refuses nothing, until users are known.
    const before = await Tract.start(database)
    const organisation = await before.organisation(receiver.url)
    await meetUsers(load, before, organisation)
    await before.stop()
    const tract = await Tract.start(database, undefined, { TRACT_LONGEST_WAIT: '600', TRACT_OPERATIONS_PORT: '0' })
    try {
      const milliseconds = bench.quick ? 4_000 : 10_000
      return await measure(bench, { database, tract, organisation, load, storm, health, milliseconds })
    } finally {
      await tract.stop()
      await Promise.all([load, storm, health, receiver].map((process) => process.stop()))
      await database.drop()
    }
  },
}

async function measure({ rounds, note }: Bench, parts: Parts): Promise<Figure[]> {
  const results = new Map<Times, Result[]>(TIMES.map((times) => [times, []]))
  for (let round = 0; round <= rounds; round++) {
    const sustainable = await sustainableOf(parts)
    for (const times of TIMES) {
      const result = await offer(parts, `${round}-${times}`, sustainable * times)
      const turn = round === 0 ? 'warm-up' : `round ${round}`
      process.stderr.write(`  ${turn}  ${times} of ${rounded(sustainable)}/s: ${told(result)}\n`)
      if (round > 0) results.get(times)?.push(result)
    }
  }
  for (const [times, each] of results) note(`overload, ${times} times: ${each.map(told).join('; ')}.`)
  return figures(results, rounds)
}

function figures(results: ReadonlyMap<Times, Result[]>, rounds: number): Figure[] {
  const of = (times: Times) => results.get(times) as Result[]
  const each = Array.from({ length: rounds }, (_, round) => TIMES.map((times) => of(times)[round] as Result))
  const best = measured(each, (round) => Math.max(...round.map(({ goodput }) => goodput)))
  const sum = (take: (result: Result) => number) =>
    measured(each, (round) => round.reduce((all, result) => all + take(result), 0))
  const most = (name: string, unit: string, subject: typeof best, bound?: number) =>
    figure({ name: `overload${name}`, unit, subject, ...(bound !== undefined && { bar: atMost(bound, 'value') }) })
  return [
    ...TIMES.map((times) =>
      figure({
        name: `overload, ${times} times: accepted, against the best of all`,
        unit: '/s',
        subject: measured(of(times), ({ goodput }) => goodput),
        limit: best,
        ...(times === 4 && { bar: atLeast(0.9) }),
      }),
    ),
    ...TIMES.map((times) => {
      const subject = measured(of(times), ({ p99 }) => p99)
      return most(`, ${times} times: p99 of what is accepted`, 'ms', subject, times === 2 ? 1_000 : undefined)
    }),
    ...['API', 'operations'].map((port, place) => {
      const subject = measured(of(4), ({ health }) => health[place] as number)
      return most(`, 4 times: slowest answer about health, ${port} port`, 'ms', subject, 1_000)
    }),
    most(
      ': answered 2xx and not stored',
      '',
      sum(({ lost }) => lost),
      0,
    ),
    most(
      ': answered 503 and done',
      '',
      sum(({ done }) => done),
      0,
    ),
  ]
}

/** Calls a second that are answered and delivered, of callers that wait for each answer. */
async function sustainableOf({ database, tract, organisation, load }: Parts): Promise<number> {
  const call = { port: tract.port, connections: WAITING_CALLERS, milliseconds: SEARCH_MS, patient: true }
  const from = performance.now()
  const { answered } = await load.call<Flood>('flood', { ...call, ...messageCall(organisation.writer, USERS) })
  await drained(database)
  return (answered / (performance.now() - from)) * 1_000
}

async function offer(
  { database, tract, organisation, storm, health, milliseconds }: Parts,
  name: string,
  rate: number,
): Promise<Result> {
  const body = JSON.stringify({ user_id: '%user', sender: 'ceu', message_body: `${name} %number` })
  await health.call('watch', { ports: [tract.port, await tract.operationsPort()] })
  const { statuses, took } = await storm.call<{ statuses: Uint16Array; took: Float64Array }>('storm', {
    ...messageCall(organisation.writer, USERS),
    ...{ port: tract.port, rate, milliseconds, most: MOST_CONNECTIONS, body },
  })
  const [api, operations] = await health.call<[Float64Array, Float64Array]>('end')
  await drained(database)
  const { rows } = await database.client.query<{ text: string }>(
    `select message_body ->> 'text' as text from messages where message_body ->> 'text' like $1`,
    [`${name} %`],
  )
  const stored = new Set(rows.map(({ text }) => Number(text.split(' ')[1])))
  if (stored.size < rows.length) throw new Error('a message is stored twice')
  const numbers = Array.from(statuses.keys())
  const isAccepted = (index: number) => (statuses[index] as number) >= 200 && (statuses[index] as number) < 300
  const accepted = numbers.filter(isAccepted)
  const lasted = took.reduce((until, each, index) => Math.max(until, (index * 1_000) / rate + each), milliseconds)
  const count = (status: number) => numbers.filter((index) => statuses[index] === status).length
  const [overloaded, rateLimited, notMade] = [count(503), count(429), count(NOT_MADE)]
  const times = accepted.map((index) => took[index] as number)
  return {
    accepted: accepted.length,
    overloaded,
    rateLimited,
    notMade,
    others: numbers.length - accepted.length - overloaded - rateLimited - notMade,
    goodput: (accepted.length / lasted) * 1_000,
    p99: percentile(times, 99),
    health: [Math.max(...api), Math.max(...operations)],
    lost: accepted.filter((index) => !stored.has(index)).length,
    // Whether a call on a connection that was closed is done was never answered.
    done: numbers.filter((index) => stored.has(index) && !isAccepted(index) && statuses[index] !== 0).length,
  }
}

const told = (result: Result): string => {
  const { accepted, overloaded, rateLimited, notMade, others, goodput, p99, health, lost, done } = result
  return [
    `${accepted} accepted (${rounded(goodput)}/s, p99 ${rounded(p99)} ms)`,
    `${overloaded} × 503, ${rateLimited} × 429, ${notMade} not made, ${others} others`,
    `health in ${rounded(health[0])} and ${rounded(health[1])} ms, ${lost} lost, ${done} done in spite`,
  ].join(', ')
}
