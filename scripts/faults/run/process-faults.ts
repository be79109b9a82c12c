import { setTimeout as sleep } from 'node:timers/promises'
import type { ProcessFault } from '../plan/process-faults.js'
import { inTime } from '../world/clock.js'
import type { FaultLog } from '../world/fault-log.js'
import type { ServiceSlot } from '../world/service-slot.js'
import type { World } from './world.js'

/** A step that the process does not reach is given up. */
const REACHED_WITHIN_MS = 10_000
/** A fault is put off for this long while no other process takes calls. */
const PUT_OFF_MS = 10_000

/** Does to one process what is planned for it, one thing after another. */
export async function runProcessFaults(
  { slots, clock, log }: World,
  slot: ServiceSlot,
  faults: readonly ProcessFault[],
  isOver: () => boolean,
): Promise<void> {
  const others = slots.filter((other) => other !== slot)
  for await (const fault of inTime(faults, clock, isOver)) {
    await slot.ready()
    for (const end = clock() + PUT_OFF_MS; clock() < end && others.every(({ url }) => url === null); ) await sleep(50)
    await carryOut(slot, fault, log)
  }
}

async function carryOut(slot: ServiceSlot, fault: ProcessFault, log: FaultLog): Promise<void> {
  const process = slot.number
  switch (fault.kind) {
    case 'kill':
      slot.onReplaced(log.begin('process: SIGKILL', { kind: 'death', process }))
      return slot.end('SIGKILL')
    case 'kill_at':
    case 'freeze_at':
      return atStep(slot, fault, log)
    case 'freeze': {
      const victim = await slot.ready()
      const over = log.begin('process: SIGSTOP beyond its lease', { kind: 'process', process })
      victim.signal('SIGSTOP')
      await sleep(fault.forMs)
      victim.signal('SIGCONT')
      return over()
    }
    case 'clock': {
      const victim = await slot.ready()
      const { byMs } = fault
      const over = log.begin(`process: clock ${byMs > 0 ? 'ahead' : 'behind'}`, { kind: 'clock', process, byMs })
      victim.tell({ kind: 'clock', byMs })
      await sleep(fault.forMs)
      victim.tell({ kind: 'clock', byMs: 0 })
      return over()
    }
    case 'restart':
      log.count('process: SIGTERM', ` (process ${process})`)
      return slot.end('SIGTERM')
  }
}

let orders = 0

async function atStep(
  slot: ServiceSlot,
  fault: Extract<ProcessFault, { kind: 'kill_at' | 'freeze_at' }>,
  log: FaultLog,
): Promise<void> {
  const { point, nth } = fault
  const victim = await slot.ready()
  const dies = fault.kind === 'kill_at'
  const name = `process: ${dies ? 'SIGKILL' : 'stands still'} at ${point}`
  const id = ++orders
  const isOurs = (report: { id: number }) => report.id === id
  let over: (() => void) | undefined
  if (dies) slot.expectEnd(true)
  const begin = () => {
    if (over !== undefined) return
    over = log.begin(name, { kind: dies ? 'death' : 'process', process: slot.number })
    if (dies) slot.onReplaced(over)
  }
  const reached = victim.report('reached', isOurs).then((report) => report !== null && begin())
  const passed = victim.report('passed', isOurs)
  const then = dies ? ({ kind: 'die' } as const) : ({ kind: 'freeze', forMs: fault.forMs } as const)
  victim.tell({ kind: 'arm', id, point, nth, then })
  await Promise.race([reached, sleep(REACHED_WITHIN_MS, undefined, { ref: false })])
  if (over === undefined && victim.isAlive) {
    victim.tell({ kind: 'disarm' })
    // It can have reached the step before it was disarmed.
    await sleep(200)
    if (over === undefined && victim.isAlive) {
      slot.expectEnd(false)
      return log.count('step not reached')
    }
  }
  await (dies ? victim.exited : passed)
  // A process that was killed can have died before its report.
  begin()
  if (!dies) over?.()
}
