import { setTimeout as sleep } from 'node:timers/promises'
import type { DatabaseWay } from '../../../packages/testing/src/database-way.js'
import type { DatabaseFault } from '../plan/database-faults.js'
import { inTime } from '../world/clock.js'
import type { Database } from '../world/database.js'
import type { World } from './world.js'

/** A process notices within this time that the other side no longer answers. */
const NOTICED_WITHIN_MS = 12_000

const NAMES: Record<DatabaseFault['kind'], string> = {
  crash: 'SIGKILL to the server',
  immediate: 'immediate shutdown',
  fast: 'fast shutdown',
  backend: 'SIGKILL to a backend',
  owner: "SIGKILL to the server's owner",
  terminate: 'all connections terminated',
  cut: 'connections cut',
  stall: 'connections stalled',
  lose_answers: 'answers lost',
  vanish: 'connections gone without a word',
  disk_full: 'disk full',
}

/** Does to the database, and to the ways there, what is planned, one thing after another. */
export async function runDatabaseFaults(
  { database, slots, clock, log }: World,
  faults: readonly DatabaseFault[],
  isOver: () => boolean,
): Promise<void> {
  for await (const fault of inTime(faults, clock, isOver)) {
    const process = 'process' in fault ? fault.process : null
    const over = log.begin(`database: ${NAMES[fault.kind]}`, { kind: 'database', process })
    const ways = slots.flatMap(({ number, way }) => (process === null || number === process ? way : []))
    await carryOut(database, ways, fault)
    over()
  }
}

async function carryOut(database: Database, ways: readonly DatabaseWay[], fault: DatabaseFault): Promise<void> {
  switch (fault.kind) {
    case 'crash':
      return database.signalServer('SIGKILL')
    case 'immediate':
      return database.signalServer('SIGQUIT')
    case 'fast':
      return database.signalServer('SIGINT')
    case 'backend':
      return database.killBackend()
    case 'owner':
      return database.killOwner()
    case 'terminate':
      return database.terminateConnections()
    case 'disk_full':
      await database.fillDisk(fault.share, fault.at_commit)
      await sleep(fault.forMs)
      return database.fillDisk(0, false)
    case 'vanish':
      for (const way of ways) way.vanish()
      return sleep(NOTICED_WITHIN_MS)
    case 'cut':
    case 'stall':
    case 'lose_answers':
      for (const way of ways) way.turn(fault.kind)
      await sleep(fault.forMs)
      for (const way of ways) way.turn('open')
  }
}
