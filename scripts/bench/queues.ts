/** The queue libraries, each with a database of its own, posting to the same receiver. */
import { settle } from './backlog.js'
import type { Bench } from './bench.js'
import type { BenchDatabase } from './database.js'
import type { Run } from './measure.js'
import { BenchProcess } from './processes.js'
import { ProcessorTime, withPostgres } from './processor-time.js'
import { clock, perSecond, type Receiver, type Seen } from './receiver.js'

/** `ordered`: a lane is a key, of which one job after the other is to run. */
const QUEUES = [
  { name: 'pg-boss standard', process: 'queues/pg-boss', ordered: false },
  { name: 'pg-boss key_strict_fifo', process: 'queues/pg-boss', ordered: true },
  { name: 'graphile-worker', process: 'queues/graphile-worker', ordered: false },
  { name: 'graphile-worker named queues', process: 'queues/graphile-worker', ordered: true },
] as const

interface Opened {
  name: string
  ordered: boolean
  queue: BenchProcess
  database: BenchDatabase
  ofJob: ProcessorTime
}

export class Queues {
  readonly #opened: Opened[]
  readonly #receiver: Receiver
  readonly #inOrder = new Set<string>()

  private constructor(opened: Opened[], receiver: Receiver) {
    this.#opened = opened
    this.#receiver = receiver
  }

  static async open({ postgres, note }: Bench, receiver: Receiver, connections: number): Promise<Queues> {
    const opened: Opened[] = []
    for (const { process, ...what } of QUEUES) {
      const database = await postgres.database()
      const queue = await BenchProcess.start(process)
      opened.push({ ...what, queue, database, ofJob: new ProcessorTime() })
      await queue.call('open', { url: database.url, port: receiver.port, connections })
    }
    const queues = new Queues(opened, receiver)
    for (const one of opened.filter(({ ordered }) => ordered)) note(await queues.#tryOrder(one))
    return queues
  }

  get processorTimes(): [name: string, ofJob: ProcessorTime][] {
    return this.#opened.map(({ name, ofJob }) => [name, ofJob])
  }

  /** Whether the queue kept every lane in order though a delivery failed in each. */
  keepsOrder(name: string): boolean {
    return this.#inOrder.has(name)
  }

  async #tryOrder(one: Opened): Promise<string> {
    const { gaps, backwards, received } = await this.#drain(one, { lanes: 50, perLane: 10, path: '/flaky', round: 0 })
    if (gaps + backwards === 0) this.#inOrder.add(one.name)
    return gaps + backwards === 0
      ? `${one.name} keeps each lane in order when a delivery fails.`
      : `${one.name} does not keep a lane in order when a delivery fails: ${backwards} of ${received} came late, after one failure in each of 50 lanes.`
  }

  async #drain(
    { queue, ordered, database, ofJob }: Opened,
    { lanes, perLane, path = '/', round }: { lanes: number; perLane: number; path?: string; round: number },
  ): Promise<Seen> {
    const deliveries = lanes * perLane
    await queue.call('fill', { lanes, perLane, ordered })
    // Statistics such as a database has of a table that was not filled this very moment: pg-boss is five times slower without.
    await settle(database)
    await this.#receiver.expect(deliveries)
    const parties = withPostgres(database, { worker: queue, receiver: this.#receiver.process })
    await ofJob.during(
      round,
      parties,
      () => queue.call('drain', { deliveries, path }),
      () => deliveries,
    )
    return this.#receiver.seen()
  }

  runs(lanes: number, perLaneOf: (round: number) => number): Record<string, Run> {
    const run = async (one: Opened, round: number) => {
      const seen = await this.#drain(one, { lanes, perLane: perLaneOf(round), round })
      return perSecond(seen, clock())
    }
    return Object.fromEntries(this.#opened.map((one) => [one.name, (round: number) => run(one, round)]))
  }

  async close(): Promise<void> {
    for (const { queue, database } of this.#opened) {
      await queue.call('close')
      await queue.stop()
      await database.drop()
    }
  }
}
