import { setTimeout as sleep } from 'node:timers/promises'
import type { ListenerName } from '../plan/listeners.js'
import type { Plan } from '../plan/plan.js'
import { Random } from '../random.js'
import { inTime } from '../world/clock.js'
import type { World } from './world.js'

/** Makes a listener's receiver misbehave as planned. */
export async function runMoods({ clock, log, receivers }: World, plan: Plan, listener: ListenerName): Promise<void> {
  const began = clock()
  let index = 0
  for await (const { kind, share, until } of inTime(plan.moods[listener], clock)) {
    log.count(`receiver: ${kind.replace('_', ' ')}`, ` (${listener}, ${Math.round(share * 100)} %)`)
    await receivers[listener].begin(kind, share, new Random(`${plan.seed}/${listener}/mood ${index++}`))
    await sleep(Math.max(0, began + until - clock()))
    await receivers[listener].behaveWell()
  }
}
