/** How long a message is on its way from the call to the hook, when the service is not busy. */
import { meetUsers, USERS } from '../accept.js'
import type { BenchSet } from '../bench.js'
import { atMost, type Figure, figure, measured } from '../figure.js'
import { alternate, percentile } from '../measure.js'
import { BenchProcess } from '../processes.js'
import { openStore, type Store } from '../store.js'
import { messageCall } from '../tract.js'

/** Messages a second. */
const RATES = [50, 500]
const PERCENTILES = [50, 95, 99]
/** Milliseconds, by the rate, of the slowest in a hundred. */
const BARS: Record<number, number> = { 50: 12, 500: 30 }

export const latency: BenchSet = {
  name: 'latency',
  about: 'Milliseconds from the call that brings a message until the hook has it, at 50 and at 500 messages a second.',
  async run({ postgres, rounds, quick }) {
    const milliseconds = quick ? 2_000 : 10_000
    const store = await openStore(await postgres.database())
    const { receiver, tract, organisation } = store
    const load = await BenchProcess.start('load')
    try {
      await meetUsers(load, tract, organisation)
      const figures: Figure[] = []
      for (const rate of RATES) {
        const lags: Float64Array[] = []
        const message = async (round: number) => {
          const found = await lagsAt({ receiver, tract, organisation, load, rate, milliseconds })
          if (round > 0) lags.push(found)
          return percentile(found, 50)
        }
        await alternate({ [`${rate}/s`]: message }, rounds)
        for (const percent of PERCENTILES) {
          const subject = measured(lags, (round) => percentile(round, percent))
          const bar = percent === 99 ? BARS[rate] : undefined
          const name = `call to hook at ${rate}/s, p${percent}`
          figures.push(figure({ name, unit: 'ms', subject, ...(bar && { bar: atMost(bar, 'value') }) }))
        }
      }
      return figures
    } finally {
      await load.stop()
      await store.close()
    }
  },
}

interface Pace extends Pick<Store, 'receiver' | 'tract' | 'organisation'> {
  load: BenchProcess
  /** Messages a second. */
  rate: number
  milliseconds: number
}

/** @returns for each message the milliseconds from its call until the hook had it */
export async function lagsAt({ receiver, tract, organisation, load, rate, milliseconds }: Pace): Promise<Float64Array> {
  const calls = Math.round((rate * milliseconds) / 1_000)
  await receiver.expect(calls, calls)
  await load.call('pace', { port: tract.port, rate, milliseconds, ...messageCall(organisation.writer, USERS) })
  await receiver.reach()
  return (await receiver.seen()).lags
}
