/** Messages come in as fast as they are answered, and go out meanwhile. */
import { answeredPerSecond, meetUsers, USERS } from './accept.js'
import { drained } from './backlog.js'
import type { BenchSet } from './bench.js'
import { atLeast, atMost, figure, measured } from './figure.js'
import { alternate, percentile } from './measure.js'
import { BenchProcess } from './processes.js'
import { ProcessorTime, withPostgres } from './processor-time.js'
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
  async run({ postgres, rounds, quick, note }) {
    const milliseconds = quick ? 1_500 : 8_000
    const receiver = await Receiver.start()
    const load = await BenchProcess.start('load')
    const [quiet, busy] = [await postgres.database(), await postgres.database()]
    const [accepting, delivering] = [await Tract.start(quiet, ACCEPTS_ONLY), await Tract.start(busy)]
    const results: Result[] = []
    const ofMessage = new ProcessorTime()
    const parties = withPostgres(busy, { service: delivering, callers: load, receiver: receiver.process })
    const flood = async (tract: Tract, writer: string) =>
      load.call<{ answered: number; milliseconds: number }>('flood', {
        port: tract.port,
        connections: CONNECTIONS,
        milliseconds,
        ...messageCall(writer, USERS),
      })
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
            let received = 0
            const inAndOut = async () => {
              const calls = await flood(delivering, both.writer)
              received = (await receiver.seen()).received
              await drained(busy)
              return calls
            }
            const calls = await ofMessage.during(round, parties, inAndOut, ({ answered }) => answered)
            const { lags } = await receiver.seen()
            const acknowledged = (received / calls.milliseconds) * 1_000
            if (round > 0) results.push({ accepted: answeredPerSecond(calls), acknowledged, lag: percentile(lags, 99) })
            return acknowledged
          },
        },
        rounds,
      )
      note(`in and out: a message, accepted and delivered, keeps processors busy for ${ofMessage}.`)
      const acknowledged = measured(results, (result) => result.acknowledged)
      const accepted = measured(results, (result) => result.accepted)
      return [
        figure({
          name: 'in and out: acknowledged, against accepts alone',
          unit: '/s',
          subject: acknowledged,
          limit: accepts,
          bar: atLeast(0.9),
        }),
        figure({
          name: 'in and out: acknowledged, against accepted meanwhile',
          unit: '/s',
          subject: acknowledged,
          limit: accepted,
        }),
        figure({
          name: 'in and out: lag p99',
          unit: 'ms',
          subject: measured(results, ({ lag }) => lag),
          bar: atMost(1_000, 'value'),
        }),
      ]
    } finally {
      await Promise.all([load.stop(), accepting.stop(), delivering.stop()])
      await receiver.stop()
      await Promise.all([quiet.drop(), busy.drop()])
    }
  },
}
