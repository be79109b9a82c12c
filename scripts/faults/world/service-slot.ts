import { setTimeout as sleep } from 'node:timers/promises'
import type { DatabaseWay } from '../../../packages/testing/src/database-way.js'
import type { ServiceOrder, ServiceReport } from '../processes/orders.js'
import { Child } from './child.js'

const STARTS_WITHIN_MS = 180_000
/** In an orderly end, attempts and calls finish within ten seconds; the machine may be busy. */
const STOPS_WITHIN_S = 30
/** A supervisor's pause before it starts a process again that did not come up. */
const BEFORE_ANOTHER_START_MS = 300

export interface SlotOptions {
  number: number
  way: DatabaseWay
  environment: Record<string, string>
  callsFrom: string | null
  log: string
  note: (text: string) => void
  /** A process ended that was not told to, or did not do what it was told. */
  onProblem: (text: string) => void
}

type ServiceProcess = Child<ServiceOrder, ServiceReport>

/**
 * One service process after another, always on the same way to the database. When one ends, the
 * next is started, unless the slot is held (until `release`) or closed.
 */
export class ServiceSlot {
  #process: ServiceProcess | undefined
  #port: number | undefined
  #isEndExpected = false
  #isClosed = false
  #onReplaced: (() => void)[] = []
  #held: Promise<void> | undefined
  #up: Promise<void>
  release: () => void = () => {}

  constructor(private readonly options: SlotOptions) {
    this.#up = this.#start()
  }

  get number(): number {
    return this.options.number
  }

  get way(): DatabaseWay {
    return this.options.way
  }

  /** Where it takes calls; null while it takes none. */
  get url(): string | null {
    return this.#port === undefined ? null : `http://127.0.0.1:${this.#port}`
  }

  /** Resolves when it takes calls. */
  async ready(): Promise<ServiceProcess> {
    for (;;) {
      await this.#up
      if (this.#process?.isAlive && this.#port !== undefined) return this.#process
      if (this.#isClosed) throw new Error('The run is over.')
      await sleep(20)
    }
  }

  /** Ends the process, and resolves when it is gone; another is started. */
  async end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const victim = await this.ready()
    this.#isEndExpected = true
    if (signal === 'SIGTERM') this.#port = undefined
    victim.signal(signal)
    const began = performance.now()
    await victim.exited
    const seconds = (performance.now() - began) / 1000
    if (seconds > STOPS_WITHIN_S) this.options.onProblem(`process ${this.number} took ${seconds.toFixed(0)} s to end`)
  }

  /** Called before the next process starts: from then on, requests can be the next one's. */
  onReplaced(callback: () => void): void {
    this.#onReplaced.push(callback)
  }

  /** Starts no process until it is released. */
  hold(): void {
    this.#held ??= new Promise((resolve) => {
      this.release = () => {
        this.#held = undefined
        resolve()
      }
    })
  }

  /** Kills the process, also while it starts. */
  async down(): Promise<void> {
    for (let victim = this.#process; victim?.isAlive; victim = this.#process) {
      this.#isEndExpected = true
      victim.signal('SIGKILL')
      await victim.exited
    }
  }

  /** Whether the process will end by itself, by order. */
  expectEnd(isExpected: boolean): void {
    this.#isEndExpected = isExpected
  }

  async close(): Promise<void> {
    this.#isClosed = true
    this.release()
    await this.#up.catch(() => {})
    const last = this.#process
    if (!last?.isAlive) return
    this.#isEndExpected = true
    last.signal('SIGCONT')
    last.signal('SIGTERM')
    const { code } = await last.exited
    if (code !== 0) this.options.onProblem(`process ${this.number} ended with ${code} when it was told to stop`)
  }

  abort(): void {
    this.#isClosed = true
    this.release()
    this.#isEndExpected = true
    if (this.#process?.isAlive) this.#process.signal('SIGKILL')
  }

  async #start(): Promise<void> {
    const { way, environment, callsFrom, log, note } = this.options
    for (const giveUp = performance.now() + STARTS_WITHIN_MS; !this.#isClosed; await sleep(BEFORE_ANOTHER_START_MS)) {
      await this.#held
      if (this.#isClosed) return
      const started: ServiceProcess = new Child('service', [], log)
      this.#process = started
      this.#isEndExpected = false
      const up = started.report('started')
      if ((await started.report('loaded')) !== null) {
        for (const callback of this.#onReplaced.splice(0)) callback()
        started.tell({ kind: 'start', callsFrom, environment: { ...environment, DATABASE_URL: way.url } })
        const report = await up
        if (report !== null) {
          this.#port = report.port
          note(`process ${this.number} takes calls`)
          void started.exited.then((how) => this.#ended(how))
          return
        }
      }
      // Without a database a process does not start, and its supervisor starts it again.
      note(`process ${this.number} did not start`)
      if (performance.now() > giveUp) throw new Error(`Process ${this.number} does not start; see ${log}.`)
    }
  }

  #ended({ code, signal }: { code: number | null; signal: NodeJS.Signals | null }): void {
    this.#port = undefined
    this.options.note(`process ${this.number} is gone (${signal ?? code})`)
    if (!this.#isEndExpected) this.options.onProblem(`process ${this.number} ended by itself (${signal ?? code})`)
    if (this.#isClosed) return
    this.#up = this.#start()
    this.#up.catch((error: Error) => this.options.onProblem(error.message))
  }
}
