/** What the most expensive answers of a receiver cost the service that reads them. */
import type { Bench, BenchSet } from './bench.js'
import { atMost, figure } from './figure.js'
import { alternate } from './measure.js'
import { BenchProcess } from './processes.js'

/** It closes its connection, because what is cut off costs its connection as well. */
const ORDINARY = 'ordinary'
/** Times what the ordinary answer costs. */
const MOST = 10
const ATTEMPTS = 200
/** Fewer of the answers that drip: each of them takes the time limit of an attempt. */
const DRIPPING = 5

export const answers: BenchSet = {
  name: 'answers',
  about:
    'Processor time of an attempt whose answer is hostile, against one whose answer is ordinary and closes its connection.',
  async run({ quick, rounds }: Bench) {
    const receiver = await BenchProcess.start('answerer')
    const sender = await BenchProcess.start('attempts')
    try {
      const port = await receiver.call<number>('listen')
      const names = await receiver.call<string[]>('names')
      const runs = names.map((name, index) => {
        const attempts = name.includes('drips') ? DRIPPING : quick ? ATTEMPTS / 10 : ATTEMPTS
        return [name, () => sender.call<number>('run', { url: `http://127.0.0.1:${port}/${index}`, attempts })]
      })
      const { [ORDINARY]: limit, ...worst } = await alternate(Object.fromEntries(runs), rounds)
      return Object.entries(worst).map(([name, subject]) =>
        figure({ name, unit: 'µs of CPU', subject, ...(limit && { limit }), bar: atMost(MOST) }),
      )
    } finally {
      await sender.stop()
      await receiver.stop()
    }
  },
}
