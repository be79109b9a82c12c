/** Ordered, signed deliveries from a backlog, against a loop that only posts, and against queue libraries doing the same. */
import { clear, drained, fillBacklog } from './backlog.js'
import type { BenchSet } from './bench.js'
import { atLeast, figure } from './figure.js'
import { alternate } from './measure.js'
import { BenchProcess } from './processes.js'
import { Tract } from './tract.js'

const CONNECTIONS = 64

export const drain: BenchSet = {
  name: 'drain',
  about: 'Deliveries acknowledged while a backlog over 1,000 lanes is drained.',
  async run({ postgres, rounds, quick }) {
    const lanes = 1_000
    const perLane = quick ? 5 : 20
    const deliveries = lanes * perLane
    const database = await postgres.database()
    const receiver = await BenchProcess.start('receiver')
    const port = await receiver.call<number>('listen')
    const loop = await BenchProcess.start('post-loop', { profile: true })
    await loop.call('connect', { port, connections: CONNECTIONS })
    const tract = await Tract.start(database)
    const { id } = await tract.organisation(`http://127.0.0.1:${port}/`)
    try {
      const { tract: subject, undici } = await alternate(
        {
          tract: async () => {
            await clear(database)
            await receiver.call('expect', { expected: deliveries })
            await fillBacklog(database, { organisation: id, listener: 'desk', prefix: 'u', lanes, perLane })
            await receiver.call('complete')
            await drained(database)
            return rate(await receiver.call<Seen>('seen'))
          },
          undici: async () => {
            await receiver.call('expect', { expected: deliveries })
            return (deliveries / (await loop.call<number>('run', { deliveries, connections: CONNECTIONS }))) * 1_000
          },
        },
        { rounds },
      )
      return [figure({ name: 'drain', unit: '/s', subject, limit: undici, bar: atLeast(0.7) })]
    } finally {
      await Promise.all([tract.stop(), loop.stop(), receiver.stop()])
      await database.drop()
    }
  },
}

export interface Seen {
  received: number
  firstAt: number
  lastAt: number
  gaps: number
  backwards: number
  repeated: number
  lags: Float64Array
}

/** Per second, from the first to the last; refuses to count what did not come in order. */
export function rate({ received, firstAt, lastAt, gaps, backwards }: Seen): number {
  if (gaps + backwards > 0) throw new Error(`${gaps} gaps and ${backwards} steps backwards in the receiver's lanes`)
  return ((received - 1) / (lastAt - firstAt)) * 1_000
}
