/**
 * What the listeners that work receive while others are dead or take five seconds to answer.
 *
 * Each round has a service of its own. In it the healthy listeners get the same backlog with sick listeners beside them and
 * without, one right after the other, and in the next round in the opposite order: how fast one process, or one minute, is
 * falls on both alike. No listener is sick twice in a process: what that has learned of the sick must not help it.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { addBacklog, type Backlog, clear, drained, type Template, template } from './backlog.js'
import type { Bench, BenchSet } from './bench.js'
import type { BenchDatabase } from './database.js'
import { atLeast, type Figure, figure, measured } from './figure.js'
import { rounded } from './measure.js'
import { Receiver } from './receiver.js'
import { Tract } from './tract.js'

const LISTENERS = 10
const LANES = 100
/** What waits in each lane of the sick. */
const ILL_PER_LANE = 20
/** Deliveries before those that count. */
const WARM_UP = 10_000
const DEAD_URL = 'http://127.0.0.1:9/'
/** Until an attempt that times out after five seconds has ended, on a slow machine too. */
const LONGEST_ATTEMPT_MS = 6_000

/** Absent: the limit that the others are held against, which is measured between the two. */
const TURNS = ['dead', 'absent', 'slow'] as const
type Kind = (typeof TURNS)[number]
interface Case {
  /** Of the ten listeners. */
  sick: number
  kind: Kind
}

const NONE: Case = { sick: 0, kind: 'absent' }
const CASES: readonly Case[] = [1, 5].flatMap((sick) => TURNS.map((kind) => ({ sick, kind })))
const nameOf = ({ sick, kind }: Case) => `${sick} of ten ${kind}`
/** Deliveries a second to the healthy, by `nameOf`. */
type Rates = Record<string, number>

export const isolation: BenchSet = {
  name: 'isolation',
  about:
    'Deliveries to the listeners that work, while the others refuse connections or answer after five seconds, against the same without the others.',
  async run({ postgres, rounds, quick }: Bench) {
    const receiver = await Receiver.start()
    const results: Rates[] = []
    try {
      // Twice as many rounds as usual, and even: as many in one order as in the other.
      for (let round = 1; round <= 2 * rounds; round++) {
        const cases = round % 2 === 1 ? CASES : CASES.toReversed()
        // Some seconds of work: what it costs to learn that a listener is sick is paid in each.
        const rates = await roundOf(await postgres.database(), receiver, { cases, perLane: quick ? 10 : 40 })
        process.stderr.write(`  round ${round}  ${told(rates)}\n`)
        results.push(rates)
      }
    } finally {
      await receiver.stop()
    }
    return figures(results)
  },
}

const told = (rates: Rates) =>
  Object.entries(rates)
    .map(([name, rate]) => `${name}: ${rounded(rate)}`)
    .join(', ')

function figures(results: readonly Rates[]): Figure[] {
  const of = (one: Case) => measured(results, (rates) => rates[nameOf(one)] as number)
  const figureOf = (one: Case, limit?: Case) =>
    figure({
      name: `healthy listeners, ${one === NONE ? 'none of ten sick' : nameOf(one)}`,
      unit: '/s',
      subject: of(one),
      ...(limit && { limit: of(limit), isPaired: true, bar: atLeast(0.9) }),
    })
  const against = CASES.filter(({ kind }) => kind !== 'absent')
  return [figureOf(NONE), ...against.map((one) => figureOf(one, { ...one, kind: 'absent' }))]
}

/** What the healthy and the sick have in common. */
interface World {
  database: BenchDatabase
  receiver: Receiver
  rows: Template
}

async function roundOf(
  database: BenchDatabase,
  receiver: Receiver,
  { cases, perLane }: { cases: readonly Case[]; perLane: number },
): Promise<Rates> {
  const tract = await Tract.start(database)
  try {
    const organisation = await tract.organisation(receiver.url)
    const world: World = { database, receiver, rows: await template(database, tract, organisation) }
    const hear = async (listener: string, url: string) =>
      tract.hear(await tract.listener(organisation.id, listener, 'ect'), url)
    for (const listener of healthyOf(NONE)) await hear(listener, receiver.url)
    for (const one of cases)
      for (const listener of sickOf(one)) await hear(listener, one.kind === 'dead' ? DEAD_URL : receiver.slowUrl)
    await addBacklog(database, world.rows, ...backlogs(healthyOf(NONE), WARM_UP / LISTENERS / LANES))
    await drained(database)
    await clear(database)
    const rates: Rates = {}
    for (const one of [NONE, ...cases]) rates[nameOf(one)] = await deliver(world, one, perLane)
    return rates
  } finally {
    await tract.stop()
    await database.drop()
  }
}

const names = (prefix: string, count: number) => Array.from({ length: count }, (_, index) => `${prefix}${index}`)
const healthyOf = ({ sick }: Case) => names('well', LISTENERS - sick)
const sickOf = ({ sick, kind }: Case) => (kind === 'absent' ? [] : names(`${kind}_of_${sick}_`, sick))
const backlogs = (listeners: readonly string[], perLane: number): Backlog[] =>
  listeners.map((listener) => ({ users: { prefix: `${listener}-`, count: LANES }, perLane, listener }))

/** Deliveries a second to the healthy, from the first to the last. */
async function deliver({ database, receiver, rows }: World, one: Case, perLane: number): Promise<number> {
  const healthy = healthyOf(one)
  await receiver.expect(healthy.length * LANES * perLane)
  await addBacklog(database, rows, ...backlogs(sickOf(one), ILL_PER_LANE), ...backlogs(healthy, perLane))
  await receiver.reach()
  const seen = await receiver.seenInOrder()
  // What is left of the sick, and attempts at them that still wait, would be a burden to the next.
  await clear(database)
  if (one.kind === 'slow') await sleep(LONGEST_ATTEMPT_MS)
  return ((seen.received - 1) / (seen.lastAt - seen.firstAt)) * 1_000
}
