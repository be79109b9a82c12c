import { setTimeout as sleep } from 'node:timers/promises'
import type { Outage } from '../plan/outages.js'
import { inTime } from '../world/clock.js'
import type { World } from './world.js'

/** Kills every process and starts none for a while, as planned. */
export async function runOutages(
  { slots, clock, log }: World,
  outages: readonly Outage[],
  isOver: () => boolean,
): Promise<void> {
  for await (const { forMs } of inTime(outages, clock, isOver)) {
    log.count('processes: all of them down')
    for (const slot of slots) {
      slot.hold()
      slot.onReplaced(log.begin('process: SIGKILL, and none starts', { kind: 'death', process: slot.number }))
    }
    await Promise.all(slots.map((slot) => slot.down()))
    const from = clock()
    await sleep(forMs)
    // A process serves nothing before it is told to start.
    log.outages.push({ from, to: clock() })
    for (const slot of slots) slot.release()
  }
}
