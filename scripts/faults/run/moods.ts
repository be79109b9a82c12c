import { setTimeout as sleep } from 'node:timers/promises'
import type { Mood } from '../plan/moods.js'
import { Random } from '../random.js'
import type { Clock } from '../world/clock.js'
import type { FaultLog } from '../world/fault-log.js'
import type { Receiver } from '../world/receiver.js'

/** Lets a receiver misbehave as planned. */
export async function runMoods(
  listener: string,
  receiver: Receiver,
  moods: readonly Mood[],
  seed: string,
  clock: Clock,
  log: FaultLog,
): Promise<void> {
  const began = clock()
  const until = (at: number) => sleep(Math.max(0, began + at - clock()))
  for (const [index, mood] of moods.entries()) {
    await until(mood.at)
    log.count(`receiver: ${mood.kind.replace('_', ' ')}`)
    log.note(`receiver: ${mood.kind.replace('_', ' ')} (${listener}, ${Math.round(mood.share * 100)} %)`)
    await receiver.begin(mood.kind, mood.share, new Random(`${seed}/${listener}/mood ${index}`))
    await until(mood.until)
    await receiver.behaveWell()
  }
}
