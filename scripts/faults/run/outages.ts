import { setTimeout as sleep } from 'node:timers/promises'
import type { Outage } from '../plan/outages.js'
import type { Clock } from '../world/clock.js'
import type { FaultLog } from '../world/fault-log.js'
import type { ServiceSlot } from '../world/service-slot.js'

/** Has no process run for a while, as planned. */
export async function runOutages(
  slots: readonly ServiceSlot[],
  outages: readonly Outage[],
  clock: Clock,
  log: FaultLog,
  isOver: () => boolean,
): Promise<void> {
  const began = clock()
  for (const outage of outages) {
    await sleep(Math.max(0, began + outage.at - clock()))
    if (isOver()) return
    log.count('processes: all of them down')
    for (const slot of slots) {
      slot.hold()
      slot.onReplaced(log.begin('process: SIGKILL, and none starts', { kind: 'death', process: slot.number }))
    }
    await Promise.all(slots.map((slot) => slot.down()))
    const from = clock()
    await sleep(outage.forMs)
    // none serves anything before it is told to start
    log.outages.push({ from, to: clock() })
    for (const slot of slots) slot.release()
  }
}
