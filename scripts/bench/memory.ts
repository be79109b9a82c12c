/** How much memory a process holds: its proportional set size, which counts what processes share once. */
import { existsSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Flood, meetUsers, USERS } from './accept.js'
import { drained } from './backlog.js'
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

interface Held {
  idle: number
  /** The most that was seen. */
  underLoad: number
}

export const memory: BenchSet = {
  name: 'memory',
  about: `Megabytes that the service holds when nothing comes, and under messages of ${CONNECTIONS} callers to ${HEARERS} hearers.`,
  async run({ postgres, rounds, quick, note }: Bench) {
    if (!existsSync('/proc/self/smaps_rollup')) {
      note('memory: this system does not say what a process holds.')
      return []
    }
    const held: Held[] = []
    for (let round = 0; round < rounds; round++) {
      const database = await postgres.database()
      const receiver = await Receiver.start()
      const load = await BenchProcess.start('load')
      const tract = await Tract.start(database)
      try {
        const idle = holds(tract.pid)
        const organisation = await audience(tract, receiver, HEARERS)
        await meetUsers(load, tract, organisation)
        const milliseconds = quick ? 5_000 : 30_000
        const call = { port: tract.port, connections: CONNECTIONS, milliseconds }
        let goesOn = true
        const flood = load.call<Flood>('flood', { ...call, ...messageCall(organisation.writer, USERS) }).finally(() => {
          goesOn = false
        })
        let underLoad = 0
        while (goesOn) {
          underLoad = Math.max(underLoad, holds(tract.pid))
          await sleep(LOOK_MS)
        }
        await flood
        await drained(database)
        held.push({ idle, underLoad })
        process.stderr.write(`  round ${round + 1}: ${rounded(idle)} MB idle, ${rounded(underLoad)} MB under load\n`)
      } finally {
        await tract.stop()
        await Promise.all([load.stop(), receiver.stop()])
        await database.drop()
      }
    }
    return figures(held)
  },
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
    subject: measured(held, ({ underLoad }) => underLoad),
    bar: atMost(150, 'value'),
  }),
]

/** Megabytes. */
function holds(pid: number): number {
  const [, kilobytes] = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8').match(/^Pss: +(\d+) kB/m) ?? []
  return Number(kilobytes) / 1_024
}
