/**
 * A browser opens six connections to a host, for all its windows together, and a stream holds one for good. These many may be streams; the rest
 * stay free for calls. A place is a Web Lock: the browser gives it free with its window, however that ends. A browser without locks has no place.
 */
const PLACES = 3

/** @returns how to leave the place; undefined where all are taken */
export async function takePlace(): Promise<(() => void) | undefined> {
  for (let number = 1; number <= PLACES; number++) {
    const leave = await take(`tract-stream-${number}`)
    if (leave) return leave
  }
  return undefined
}

function take(name: string): Promise<(() => void) | undefined> {
  return new Promise((resolve) => {
    // the type knows no browser without them
    const locks = navigator.locks as LockManager | undefined
    if (!locks) return resolve(undefined)
    const held = locks.request(name, { ifAvailable: true }, (lock) => {
      if (lock) return new Promise<void>((leave) => resolve(leave))
      return resolve(undefined)
    })
    // a browser that keeps nothing for a site refuses locks
    held.catch(() => resolve(undefined))
  })
}
