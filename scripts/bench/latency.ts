/** How long a message is on its way from the call to the hook, when there is room. */
import { meetUsers, USERS } from './accept.js'
import type { BenchSet } from './bench.js'
import { atMost, type Figure, figure, measured } from './figure.js'
import { alternate, percentile } from './measure.js'
import { BenchProcess } from './processes.js'
import { openStore, type Store } from './store.js'
import { messageCall } from './tract.js'

const RATES = [50, 500]
const PERCENTILES = [50, 95, 99]
/** Milliseconds, at the first rate. */
const BARS: Record<number, number> = { 50: 10, 99: 50 }

interface Parts {
  store: Store
  load: BenchProcess
  floor: BenchProcess
  milliseconds: number
  rounds: number
}

export const latency: BenchSet = {
  name: 'latency',
  about:
    'Milliseconds from the call that brings a message until the hook has it, against a loop that INSERTs a row and then posts it.',
  async run({ postgres, rounds, quick }) {
    const database = await postgres.database()
    await database.makeBenchRows()
    const store = await openStore(database)
    const load = await BenchProcess.start('load')
    const floor = await BenchProcess.start('insert-and-post')
    try {
      await floor.call('connect', { url: database.url, port: store.receiver.port })
      await meetUsers(load, store.tract, store.organisation)
      const parts = { store, load, floor, rounds, milliseconds: quick ? 2_000 : 10_000 }
      const figures: Figure[] = []
      for (const rate of RATES) figures.push(...(await compare(parts, rate)))
      return figures
    } finally {
      await floor.call('disconnect')
      await Promise.all([load.stop(), floor.stop()])
      await store.close()
    }
  },
}

async function compare({ store, load, floor, milliseconds, rounds }: Parts, rate: number): Promise<Figure[]> {
  const { receiver, tract, organisation } = store
  const calls = Math.round((rate * milliseconds) / 1_000)
  const lags = { message: [] as Float64Array[], row: [] as Float64Array[] }
  const lagsOf = async (kind: keyof typeof lags, round: number, send: () => Promise<unknown>) => {
    await receiver.expect(calls, calls)
    await send()
    await receiver.complete()
    const seen = await receiver.seen()
    if (round > 0) lags[kind].push(seen.lags)
    return percentile(seen.lags, 50)
  }
  await alternate(
    {
      message: (round) =>
        lagsOf('message', round, () =>
          load.call('pace', { port: tract.port, rate, milliseconds, ...messageCall(organisation.writer, USERS) }),
        ),
      row: (round) => lagsOf('row', round, () => floor.call('pace', { rate, milliseconds })),
    },
    rounds,
  )
  return PERCENTILES.map((percent) => {
    const bar = rate === RATES[0] ? BARS[percent] : undefined
    return figure({
      name: `call to hook at ${rate}/s, p${percent}`,
      unit: 'ms',
      subject: measured(lags.message, (round) => percentile(round, percent)),
      limit: measured(lags.row, (round) => percentile(round, percent)),
      ...(bar !== undefined && { bar: atMost(bar, 'value') }),
    })
  })
}
