import { setTimeout as sleep } from 'node:timers/promises'

/** Milliseconds since the run began, by a monotonic clock. */
export type Clock = () => number

export function startClock(): Clock {
  const began = performance.now()
  return () => performance.now() - began
}

/** Yields each planned item when its time has come, or later where the one before took longer. Ends when the run is over. */
export async function* inTime<Item extends { at: number }>(
  items: readonly Item[],
  clock: Clock,
  isOver: () => boolean = () => false,
): AsyncGenerator<Item> {
  const began = clock()
  for (const item of items) {
    const early = began + item.at - clock()
    if (early > 0) await sleep(early)
    if (isOver()) return
    yield item
  }
}
