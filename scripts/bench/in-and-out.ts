/** Messages come in as fast as they are answered, and go out at the same time. */
import { answeredPerSecond, type Flood, meetUsers, USERS } from './accept.js'
import { drained } from './backlog.js'
import type { BenchSet } from './bench.js'
import { atLeast, atMost, figure, measured } from './figure.js'
import { alternate, percentile } from './measure.js'
import { BenchProcess } from './processes.js'
import { Receiver } from './receiver.js'
import { ACCEPTS_ONLY, messageCall, Tract } from './tract.js'

const CONNECTIONS = 64
const MOST_SAMPLES = 2_000_000

interface Result {
  accepted: number
  acknowledged: number
  /** Milliseconds from the call to the hook, of the slowest in a hundred. */
  lag: number
}

export const inAndOut: BenchSet = {
  name: 'in-and-out',
  about:
    'Deliveries acknowledged while messages come in as fast as they are answered, against messages answered while nothing is delivered.',
  async run({ postgres, rounds, quick }) {
    const receiver = await Receiver.start()
    const load = await BenchProcess.start('load')
    const [quiet, busy] = [await postgres.database(), await postgres.database()]
    const [accepting, delivering] = [await Tract.start(quiet, ACCEPTS_ONLY), await Tract.start(busy)]
    const results: Result[] = []
    const call = { connections: CONNECTIONS, milliseconds: quick ? 1_500 : 8_000 }
    const flood = ({ port }: Tract, writer: string) =>
      load.call<Flood>('flood', { port, ...call, ...messageCall(writer, USERS) })
    try {
      const alone = await accepting.organisation(receiver.url)
      const both = await delivering.organisation(receiver.url)
      await meetUsers(load, accepting, alone)
      await meetUsers(load, delivering, both)
      const { accepts } = await alternate(
        {
          accepts: async () => answeredPerSecond(await flood(accepting, alone.writer)),
          acknowledgements: async (round) => {
            await drained(busy)
            await receiver.expect(Number.POSITIVE_INFINITY, MOST_SAMPLES)
            const calls = await flood(delivering, both.writer)
            const { received } = await receiver.seen()
            await drained(busy)
            const { lags } = await receiver.seen()
            const acknowledged = (received / calls.milliseconds) * 1_000
            if (round > 0) results.push({ accepted: answeredPerSecond(calls), acknowledged, lag: percentile(lags, 99) })
            return acknowledged
          },
        },
        rounds,
      )
      const subject = measured(results, ({ acknowledged }) => acknowledged)
      const accepted = measured(results, (result) => result.accepted)
      const lag = measured(results, (result) => result.lag)
      const name = 'in and out: acknowledged, against'
      return [
        figure({ name: `${name} accepts alone`, unit: '/s', subject, limit: accepts, bar: atLeast(0.9) }),
        figure({ name: `${name} accepted`, unit: '/s', subject, limit: accepted }),
        figure({ name: 'in and out: lag p99', unit: 'ms', subject: lag, bar: atMost(1_000, 'value') }),
      ]
    } finally {
      await Promise.all([load.stop(), accepting.stop(), delivering.stop()])
      await receiver.stop()
      await Promise.all([quiet.drop(), busy.drop()])
    }
  },
}
