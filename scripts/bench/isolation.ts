/** What the listeners that work receive while others are dead or take five seconds to answer. */
import { addBacklog, drained, template } from './backlog.js'
import type { Bench, BenchSet } from './bench.js'
import type { BenchDatabase } from './database.js'
import { atLeast, figure } from './figure.js'
import { alternate, type Measured } from './measure.js'
import { Receiver } from './receiver.js'
import { Tract } from './tract.js'

const LISTENERS = 10
const LANES = 100
/** What waits in each lane of the sick. */
const ILL_PER_LANE = 20
/** Deliveries before those that count. */
const WARM_UP = 10_000
const DEAD_URL = 'http://127.0.0.1:9/'

interface Case {
  /** Of the ten listeners. */
  sick: number
  /** Absent: the limit that the others are held against. */
  how: 'absent' | 'dead' | 'slow'
}

const CASES: readonly Case[] = [
  { sick: 0, how: 'absent' },
  ...[1, 5].flatMap((sick): Case[] => [
    { sick, how: 'absent' },
    { sick, how: 'dead' },
    { sick, how: 'slow' },
  ]),
]
const nameOf = ({ sick, how }: Case) => `${sick * 10} % ${how}`

export const isolation: BenchSet = {
  name: 'isolation',
  about:
    'Deliveries to the listeners that work, while the others refuse connections or answer after five seconds, against the same without the others.',
  async run({ postgres, rounds, quick }: Bench) {
    // Some seconds of work: what it costs to learn that a listener is sick is paid once.
    const perLane = quick ? 20 : 60
    const receiver = await Receiver.start()
    const runs = CASES.map((one) => [
      nameOf(one),
      async () => {
        // New ones: what a process has learned of the sick must not help it.
        const database = await postgres.database()
        const tract = await Tract.start(database)
        try {
          return await deliver({ database, tract, receiver, perLane, ...one })
        } finally {
          await tract.stop()
          await database.drop()
        }
      },
    ])
    try {
      const results = await alternate(Object.fromEntries(runs), rounds)
      const of = (one: Case) => results[nameOf(one)] as Measured
      return [
        figure({ name: 'healthy listeners, none of ten sick', unit: '/s', subject: of({ sick: 0, how: 'absent' }) }),
        ...CASES.filter(({ how }) => how !== 'absent').map(({ sick, how }) =>
          figure({
            name: `healthy listeners, ${sick} of ten ${how}`,
            unit: '/s',
            subject: of({ sick, how }),
            limit: of({ sick, how: 'absent' }),
            bar: atLeast(0.9),
          }),
        ),
      ]
    } finally {
      await receiver.stop()
    }
  },
}

interface Parts extends Case {
  database: BenchDatabase
  tract: Tract
  receiver: Receiver
  perLane: number
}

/** Deliveries a second to the healthy, from the first to the last. */
async function deliver({ database, tract, receiver, perLane, sick, how }: Parts): Promise<number> {
  const organisation = await tract.organisation(receiver.url)
  const rows = await template(database, tract, organisation)
  const listeners = Array.from({ length: LISTENERS }, (_, index) => `listener${index}`)
  const [ill, healthy] = [how === 'absent' ? [] : listeners.slice(0, sick), listeners.slice(sick)]
  const sickUrl = how === 'slow' ? receiver.slowUrl : DEAD_URL
  for (const listener of [...ill, ...healthy])
    await tract.hear(
      await tract.listener(organisation.id, listener, 'ect'),
      ill.includes(listener) ? sickUrl : receiver.url,
    )
  const backlogs = (to: string[], prefix: string, deliveries: number) =>
    to.map((listener) => ({
      users: { prefix: `${prefix}-${listener}-`, count: LANES },
      perLane: deliveries,
      listener,
    }))
  await addBacklog(database, rows, ...backlogs(healthy, 'early', Math.ceil(WARM_UP / healthy.length / LANES)))
  await drained(database)
  const deliveries = healthy.length * LANES * perLane
  await receiver.expect(deliveries)
  await addBacklog(database, rows, ...backlogs(ill, 'ill', ILL_PER_LANE), ...backlogs(healthy, 'well', perLane))
  await receiver.reach()
  const seen = await receiver.seenInOrder()
  return ((seen.received - 1) / (seen.lastAt - seen.firstAt)) * 1_000
}
