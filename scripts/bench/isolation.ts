/** What the listeners that work get, while others are dead or take five seconds to answer. */
import { addBacklog, drained, template } from './backlog.js'
import type { Bench, BenchSet } from './bench.js'
import type { BenchDatabase } from './database.js'
import { atLeast, figure } from './figure.js'
import { alternate, type Measured, type Run } from './measure.js'
import { ProcessorTime, withPostgres } from './processor-time.js'
import { Receiver } from './receiver.js'
import { type Organisation, Tract } from './tract.js'

const LISTENERS = 10
const LANES = 100
/** What waits in each lane of the sick. */
const ILL_PER_LANE = 20
/** Deliveries before those that count. */
const WARM_UP = 10_000
const DEAD_URL = 'http://127.0.0.1:9/'

type Sickness = 'dead' | 'slow'

const CASES: readonly { sick: number; how: Sickness }[] = [
  { sick: 1, how: 'dead' },
  { sick: 1, how: 'slow' },
  { sick: 5, how: 'dead' },
  { sick: 5, how: 'slow' },
]

export const isolation: BenchSet = {
  name: 'isolation',
  about:
    'Deliveries to the listeners that work, while the others refuse connections or answer after five seconds, against the same without the others.',
  async run({ postgres, rounds, quick, note }: Bench) {
    // For some seconds: what it costs to learn that somebody is sick is paid once.
    const perLane = quick ? 20 : 60
    const receiver = await Receiver.start()
    const runs: Record<string, Run> = {}
    const ofDelivery = new Map<string, ProcessorTime>()
    const key = (sick: number, how: Sickness | 'absent') => `${sick * 10} % ${how}`
    const once = (sick: number, how: Sickness | 'absent') => async (round: number) => {
      const time = ofDelivery.get(key(sick, how)) ?? new ProcessorTime()
      ofDelivery.set(key(sick, how), time)
      // Every time a new database and a new process: what a process has learned of the sick must not help it.
      const database = await postgres.database()
      const tract = await Tract.start(database)
      try {
        return await deliver({ database, tract, receiver, perLane, sick, how, round, time })
      } finally {
        await tract.stop()
        await database.drop()
      }
    }
    runs[key(0, 'absent')] = once(0, 'absent')
    for (const sick of new Set(CASES.map((one) => one.sick))) {
      runs[key(sick, 'absent')] = once(sick, 'absent')
      for (const { how } of CASES.filter((one) => one.sick === sick)) runs[key(sick, how)] = once(sick, how)
    }
    try {
      const results = await alternate(runs, rounds)
      for (const [name, time] of ofDelivery)
        note(`isolation, ${name}: a delivery to a healthy listener keeps processors busy for ${time}.`)
      const of = (sick: number, how: Sickness | 'absent') => results[key(sick, how)] as Measured
      return [
        figure({ name: 'healthy listeners, none of ten sick', unit: '/s', subject: of(0, 'absent') }),
        ...CASES.map(({ sick, how }) =>
          figure({
            name: `healthy listeners, ${sick} of ten ${how}`,
            unit: '/s',
            subject: of(sick, how),
            limit: of(sick, 'absent'),
            bar: atLeast(0.9),
          }),
        ),
      ]
    } finally {
      await receiver.stop()
    }
  },
}

interface Parts {
  database: BenchDatabase
  tract: Tract
  receiver: Receiver
  perLane: number
  sick: number
  how: Sickness | 'absent'
  round: number
  time: ProcessorTime
}

/** Deliveries a second to the healthy, from the first to the last. */
async function deliver({ database, tract, receiver, perLane, sick, how, round, time }: Parts): Promise<number> {
  const organisation = await tract.organisation(receiver.url)
  const rows = await template(database, tract, organisation)
  const sickUrl = how === 'slow' ? receiver.slowUrl : DEAD_URL
  const healthy: string[] = []
  const ill: string[] = []
  for (let index = 0; index < LISTENERS; index++) {
    const isSick = index < sick
    if (isSick && how === 'absent') continue
    const listener = `listener${index}`
    await addListener(tract, organisation, listener, isSick ? sickUrl : receiver.url)
    ;(isSick ? ill : healthy).push(listener)
  }
  const backlogs = (listeners: string[], prefix: string, deliveries: number) =>
    listeners.map((listener) => ({
      users: { prefix: `${prefix}-${listener}-`, count: LANES },
      perLane: deliveries,
      listener,
    }))
  await addBacklog(database, rows, ...backlogs(healthy, 'early', Math.ceil(WARM_UP / healthy.length / LANES)))
  await drained(database)
  const deliveries = healthy.length * LANES * perLane
  await receiver.expect(deliveries)
  await addBacklog(database, rows, ...backlogs(ill, 'ill', ILL_PER_LANE), ...backlogs(healthy, 'well', perLane))
  const parties = withPostgres(database, { service: tract, receiver: receiver.process })
  await time.during(
    round,
    parties,
    () => receiver.complete(),
    () => deliveries,
  )
  const seen = await receiver.seen()
  receiver.demandOrder(seen)
  return ((seen.received - 1) / (seen.lastAt - seen.firstAt)) * 1_000
}

async function addListener(tract: Tract, { id }: Organisation, listener: string, url: string): Promise<void> {
  await tract.hear(await tract.listener(id, listener, 'ect'), url)
}
