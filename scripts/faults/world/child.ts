import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { openSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** A program of processes/ as a child; what it prints goes to a file. */
export class Child<Order extends object, Report extends { kind: string }> {
  readonly #process: ChildProcess
  readonly exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>

  constructor(name: string, args: readonly string[], log: string) {
    const output = openSync(log, 'a')
    this.#process = fork(fileURLToPath(new URL(`../processes/${name}.ts`, import.meta.url)), [...args], {
      execArgv: ['--import', 'tsx'],
      // Ctrl-C is for the harness alone.
      detached: true,
      stdio: ['ignore', output, output, 'ipc'],
      env: { ...process.env, NODE_OPTIONS: '' },
    })
    this.exited = once(this.#process, 'exit').then(([code, signal]) => ({ code, signal }))
  }

  get isAlive(): boolean {
    return this.#process.exitCode === null && this.#process.signalCode === null
  }

  /** A process that is being killed need not hear it. */
  tell(order: Order): void {
    if (this.#process.connected) this.#process.send(order, () => {})
  }

  /** Resolves with the next report of this kind that fits; null if the process ends before. */
  report<Kind extends Report['kind']>(
    kind: Kind,
    fits: (report: Extract<Report, { kind: Kind }>) => boolean = () => true,
  ): Promise<Extract<Report, { kind: Kind }> | null> {
    return new Promise((resolve) => {
      const hear = (report: Report) => {
        const wanted = report as Extract<Report, { kind: Kind }>
        if (report.kind !== kind || !fits(wanted)) return
        this.#process.off('message', hear)
        resolve(wanted)
      }
      this.#process.on('message', hear)
      void this.exited.then(() => resolve(null))
    })
  }

  signal(signal: NodeJS.Signals): void {
    this.#process.kill(signal)
  }
}
