import { setTimeout as sleep } from 'node:timers/promises'

/** Milliseconds since the run began, by a monotonic clock. */
export type Clock = () => number

export function startClock(): Clock {
  const began = performance.now()
  return () => performance.now() - began
}

/** Yields each item at its time, or later where the one before took longer. */
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
