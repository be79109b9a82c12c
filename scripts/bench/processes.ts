/** Starts the processes of a benchmark, and calls them. */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const STARTS_WITHIN_MS = 60_000

interface Answer {
  id: number
  result?: unknown
  error?: string
}

let profiles: string | undefined

/** From now on, each process that is profiled leaves its CPU profile in the folder. */
export function profileTo(folder: string): void {
  profiles = folder
}

/** A program of processes/, in plain JavaScript: no loader costs time in a figure. */
export class BenchProcess {
  readonly #child: ChildProcess
  readonly #name: string
  readonly #waiting = new Map<number, { resolve: (value: never) => void; reject: (error: Error) => void }>()
  #calls = 0
  #isProfiled = false

  private constructor(child: ChildProcess, name: string) {
    this.#child = child
    this.#name = name
    child.on('message', ({ id, result, error }: Answer) => {
      const waiting = this.#waiting.get(id)
      this.#waiting.delete(id)
      if (error === undefined) waiting?.resolve(result as never)
      else waiting?.reject(new Error(`${name}: ${error}`))
    })
    child.on('exit', (code, signal) => {
      for (const { reject } of this.#waiting.values()) reject(new Error(`${name} ended (${signal ?? code})`))
    })
  }

  /** @param flags of Node */
  static async start(name: string, flags: readonly string[] = []): Promise<BenchProcess> {
    const child = fork(fileURLToPath(new URL(`processes/${name}.mjs`, import.meta.url)), {
      execArgv: [...flags],
      // stdout is for the figures.
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      serialization: 'advanced',
      env: { ...process.env, NODE_ENV: 'production', NODE_OPTIONS: '' },
    })
    const started = new BenchProcess(child, name)
    const ended = once(child, 'exit').then(() => Promise.reject(new Error(`${name} did not start`)))
    ended.catch(() => {})
    await Promise.race([once(child, 'message', { signal: AbortSignal.timeout(STARTS_WITHIN_MS) }), ended])
    return started
  }

  call<Result = void>(method: string, argument?: object): Promise<Result> {
    const id = ++this.#calls
    return new Promise<Result>((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject })
      this.#child.send(
        { id, method, argument },
        (error) => error && reject(new Error(`${this.#name}: ${error.message}`)),
      )
    })
  }

  get pid(): number {
    return this.#child.pid as number
  }

  /** Microseconds for which the process has kept a core busy. */
  cpu(): Promise<number> {
    return this.call<number>('cpu')
  }

  /** With `--profile`, profiles what the process does from now until it is stopped. */
  async profile(): Promise<void> {
    if (profiles === undefined) return
    await this.call('startProfile')
    this.#isProfiled = true
  }

  async #endProfile(): Promise<void> {
    const file = `${this.#name.replaceAll('/', '-')}-${this.#child.pid}.cpuprofile`
    const profile = await this.call<object>('endProfile')
    if (profiles !== undefined) await writeFile(join(profiles, file), JSON.stringify(profile))
  }

  get hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null
  }

  async stop(): Promise<void> {
    if (this.hasEnded) return
    if (this.#isProfiled) await this.#endProfile()
    const exited = once(this.#child, 'exit')
    this.#child.disconnect()
    await exited
  }
}
