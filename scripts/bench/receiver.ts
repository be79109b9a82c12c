/** The process that deliveries go to, and what it has seen. */
import { BenchProcess } from './processes.js'

export interface Seen {
  received: number
  /** Milliseconds by the clock that every process has. */
  firstAt: number
  lastAt: number
  gaps: number
  backwards: number
  repeated: number
  /** Milliseconds on the way, of the deliveries whose body says when they began. */
  lags: Float64Array
}

export class Receiver {
  private constructor(
    readonly process: BenchProcess,
    readonly port: number,
  ) {}

  static async start(): Promise<Receiver> {
    const process = await BenchProcess.start('receiver')
    return new Receiver(process, await process.call<number>('listen'))
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/`
  }

  /** Answers after five seconds. */
  get slowUrl(): string {
    return `${this.url}slow`
  }

  /** Starts to count again from nothing. */
  expect(deliveries: number, samples = 0): Promise<void> {
    return this.process.call('expect', { expected: deliveries, samples })
  }

  /** Resolves when all that are expected have come. */
  complete(): Promise<void> {
    return this.process.call('reach', {})
  }

  /** Resolves when that number has come. */
  reach(count: number): Promise<void> {
    return this.process.call('reach', { count })
  }

  seen(): Promise<Seen> {
    return this.process.call<Seen>('seen')
  }

  /** A lane out of order is a fault of the service, and no figure. */
  demandOrder({ gaps, backwards }: Seen): void {
    if (gaps + backwards > 0) throw new Error(`${gaps} gaps and ${backwards} steps backwards in what was delivered`)
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
