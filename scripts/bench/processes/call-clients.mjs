/** The call that every client makes, with the same headers, and the process that makes it. */
import { randomUUID } from 'node:crypto'
import { answer, clock } from './answer.mjs'

export const PATH = '/tract/message/send/'
export const MESSAGE = {
  user_id: '8812',
  sender: 'ect',
  message_body: 'Hello, how can I help?',
  metadata: { source: 'macro-3' },
}
export const TOKEN = 't'.repeat(400)

/** What the SDK adds to a call by itself. */
export const headers = () => ({
  authorization: `Bearer ${TOKEN}`,
  'content-type': 'application/json',
  'idempotency-key': randomUUID(),
})

/** @param clients by name: opens one at a URL. @returns what makes a call */
export function callWith(clients) {
  let call
  let concurrency
  answer({
    open: async ({ client, ...where }) => {
      concurrency = where.concurrency
      call = await clients[client](where)
      const { message_id } = await call()
      if (message_id !== 17) throw new Error(`${client} read ${message_id} from the answer: it is not comparable`)
    },
    /** Returns the calls made in that time, and the microseconds of processor time they took. */
    run: async ({ milliseconds }) => {
      const startedAt = clock()
      const before = process.cpuUsage()
      let calls = 0
      const caller = async () => {
        for (; clock() - startedAt < milliseconds; calls++) await call()
      }
      await Promise.all(Array.from({ length: concurrency }, caller))
      const { user, system } = process.cpuUsage(before)
      return { calls, cpu: user + system }
    },
  })
}
