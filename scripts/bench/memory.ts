/** How much memory a process holds: its proportional set size, which counts what processes share once. */
import { existsSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Flood, meetUsers, USERS } from './accept.js'
import type { Bench, BenchSet } from './bench.js'
import { atMost, type Figure, figure, measured } from './figure.js'
import { audience } from './hearers.js'
import { rounded } from './measure.js'
import { BenchProcess } from './processes.js'
import { Receiver } from './receiver.js'
import { messageCall, Tract } from './tract.js'

const HEARERS = 4
const CONNECTIONS = 64
/** Between two looks while there is load. */
const LOOK_MS = 250
const MINUTE_MS = 60_000
const LASTING_MINUTES = 10

interface Held {
  idle: number
  /** At each look while there is load. */
  underLoad: readonly number[]
}

export const memory: BenchSet = {
  name: 'memory',
  about: `Megabytes that the service holds when nothing comes, and under messages of ${CONNECTIONS} callers to ${HEARERS} hearers; and whether it holds more after ${LASTING_MINUTES} minutes of them than after two.`,
  async run(bench: Bench) {
    const { rounds, quick, note } = bench
    if (!existsSync('/proc/self/smaps_rollup')) {
      note('memory: this system does not say what a process holds.')
      return []
    }
    const held: Held[] = []
    for (let round = 1; round <= rounds; round++) {
      const one = await holdsOver(bench, quick ? 10_000 : MINUTE_MS / 2)
      held.push(one)
      process.stderr.write(
        `  round ${round}: ${rounded(one.idle)} MB idle, ${rounded(most(one.underLoad))} MB under load\n`,
      )
    }
    return quick ? figures(held) : [...figures(held), lasting(await holdsOver(bench, LASTING_MINUTES * MINUTE_MS))]
  },
}

/** What a service holds before and while messages come for that time. */
async function holdsOver({ postgres }: Bench, milliseconds: number): Promise<Held> {
  const database = await postgres.database()
  const receiver = await Receiver.start()
  const load = await BenchProcess.start('load')
  const tract = await Tract.start(database)
  try {
    const idle = holds(tract.pid)
    const organisation = await audience(tract, receiver, HEARERS)
    await meetUsers(load, tract, organisation)
    // a machine that has other things to do is no reason to give up after nine minutes
    const call = { port: tract.port, connections: CONNECTIONS, milliseconds, patient: true }
    let goesOn = true
    const flood = load.call<Flood>('flood', { ...call, ...messageCall(organisation.writer, USERS) }).finally(() => {
      goesOn = false
    })
    const underLoad: number[] = []
    while (goesOn) {
      underLoad.push(holds(tract.pid))
      await sleep(LOOK_MS)
    }
    await flood
    return { idle, underLoad }
  } finally {
    await tract.stop()
    await Promise.all([load.stop(), receiver.stop()])
    await database.drop()
  }
}

const figures = (held: readonly Held[]): Figure[] => [
  figure({
    name: 'memory, idle',
    unit: 'MB',
    subject: measured(held, ({ idle }) => idle),
    bar: atMost(100, 'value'),
  }),
  figure({
    name: 'memory, under load',
    unit: 'MB',
    subject: measured(held, ({ underLoad }) => most(underLoad)),
    bar: atMost(150, 'value'),
  }),
]

/** Without a leak, the last minute is like the second: the first compiles, and meets the users. */
function lasting({ underLoad }: Held): Figure {
  const perMinute = Math.floor(underLoad.length / LASTING_MINUTES)
  const minute = (number: number) =>
    measured([most(underLoad.slice(perMinute * (number - 1), perMinute * number))], Number)
  return figure({
    name: `memory, the last of ${LASTING_MINUTES} minutes under load`,
    unit: 'MB',
    subject: minute(LASTING_MINUTES),
    limit: minute(2),
    bar: atMost(1.1),
  })
}

const most = (looks: readonly number[]): number => Math.max(...looks)

/** Megabytes. */
function holds(pid: number): number {
  const [, kilobytes] = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8').match(/^Pss: +(\d+) kB/m) ?? []
  return Number(kilobytes) / 1_024
}
