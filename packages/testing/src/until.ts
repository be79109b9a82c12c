/**
 * How long a test waits for something to come about, in milliseconds: far longer than a busy machine needs. It ends a wait in vain
 * with the name of what was waited for, and decides nothing.
 */
export const PATIENCE_MS = 180_000

const PAUSE_MS = 5

/** Waits until `condition` holds: a test never sleeps for a guess. */
export async function until<T>(condition: () => T | Promise<T>, what = 'the condition'): Promise<NonNullable<T>> {
  for (const deadline = Date.now() + PATIENCE_MS; ; ) {
    const value = await condition()
    if (value) return value
    if (Date.now() > deadline) throw new Error(`${what} did not come about within ${PATIENCE_MS / 1000} s`)
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
  }
}
