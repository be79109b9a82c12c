import { setTimeout as sleep } from 'node:timers/promises'
import type { DatabaseFault } from '../plan/database-faults.js'
import type { Clock } from '../world/clock.js'
import type { Database } from '../world/database.js'
import type { FaultLog } from '../world/fault-log.js'
import type { DatabaseWay } from '../world/proxy.js'

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
  database: Database,
  ways: readonly DatabaseWay[],
  faults: readonly DatabaseFault[],
  clock: Clock,
  log: FaultLog,
  isOver: () => boolean,
): Promise<void> {
  const began = clock()
  for (const fault of faults) {
    const early = began + fault.at - clock()
    if (early > 0) await sleep(early)
    if (isOver()) return
    const process = 'process' in fault ? fault.process : null
    const over = log.begin(`database: ${NAMES[fault.kind]}`, { kind: 'database', process })
    await carryOut(database, process === null ? ways : ways.filter((_, number) => number === process), fault)
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
      // so long may a process take to see that nobody answers
      return sleep(NOTICED_WITHIN_MS)
    case 'cut':
    case 'stall':
    case 'lose_answers':
      for (const way of ways) {
        if (fault.kind === 'cut') way.cut()
        else if (fault.kind === 'stall') way.stall()
        else way.loseAnswers()
      }
      await sleep(fault.forMs)
      for (const way of ways) way.heal()
  }
}
