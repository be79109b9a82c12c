/** The child's side of sdk.ts: makes calls with the client that `open` opens, so many at once. */
import { answer, clock } from '../answer.mjs'

/** @param {(where: {url: string, concurrency: number}) => Promise<() => Promise<{message_id: number}>>} open */
export function serve(open) {
  let call
  let concurrency
  answer({
    open: async (where) => {
      concurrency = where.concurrency
      call = await open(where)
      const { message_id } = await call()
      if (message_id !== 17) throw new Error(`it read ${message_id} out of the answer: it is not comparable`)
    },
    run: async ({ milliseconds }) => {
      const startedAt = clock()
      const before = process.cpuUsage()
      let calls = 0
      await Promise.all(
        Array.from({ length: concurrency }, async () => {
          while (clock() - startedAt < milliseconds) {
            await call()
            calls++
          }
        }),
      )
      const { user, system } = process.cpuUsage(before)
      return { calls, cpu: user + system, milliseconds: clock() - startedAt }
    },
  })
}
