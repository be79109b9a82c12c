/** The process that deliveries go to, and what it has seen. */
import { BenchProcess } from './processes.js'

export interface Seen {
  received: number
  /** Milliseconds by the clock that every process has. */
  firstAt: number
  lastAt: number
  gaps: number
  backwards: number
  /** Milliseconds on the way, of the deliveries whose body says when they began. */
  lags: Float64Array
}

export class Receiver {
  readonly url: string
  /** Answers after five seconds. */
  readonly slowUrl: string

  private constructor(
    private readonly process: BenchProcess,
    readonly port: number,
  ) {
    this.url = `http://127.0.0.1:${port}/`
    this.slowUrl = `${this.url}slow`
  }

  static async start(): Promise<Receiver> {
    const process = await BenchProcess.start('receiver')
    return new Receiver(process, await process.call<number>('listen'))
  }

  /** Starts to count again from nothing. */
  expect(deliveries: number, samples = 0): Promise<void> {
    return this.process.call('expect', { expected: deliveries, samples })
  }

  /** Resolves when that number has come, or all that are expected. */
  reach(count?: number): Promise<void> {
    return this.process.call('reach', { count })
  }

  seen(): Promise<Seen> {
    return this.process.call<Seen>('seen')
  }

  /** What it has seen. A lane out of order is a fault of the service, and no figure. */
  async seenInOrder(): Promise<Seen> {
    const seen = await this.seen()
    const { gaps, backwards } = seen
    if (gaps + backwards > 0) throw new Error(`${gaps} gaps and ${backwards} steps backwards in what was delivered`)
    return seen
  }

  stop(): Promise<void> {
    return this.process.stop()
  }
}

/** The receiver's clock. */
export const clock = (): number => Number(process.hrtime.bigint() / 1_000n) / 1_000

/** Deliveries a second, from the first that came until `endedAt`. */
export const perSecond = ({ received, firstAt }: Seen, endedAt: number): number =>
  (received / (endedAt - firstAt)) * 1_000
