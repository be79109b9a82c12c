/** The command as a user has it: the built one, in a process of its own, with a folder of its own for what it keeps. */

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { until } from '@tract/testing/until'

export const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url))

export interface Ended {
  exit: number | null
  stdout: string
  stderr: string
  /** Standard output as JSON. */
  // biome-ignore lint/suspicious/noExplicitAny: results of every shape
  readonly json: any
}

export class Run {
  stdout = ''
  stderr = ''
  readonly process: ChildProcess
  readonly ended: Promise<Ended>

  constructor(args: readonly string[], env: NodeJS.ProcessEnv, input: string | undefined) {
    this.process = spawn(process.execPath, [MAIN, ...args], { env, stdio: 'pipe' })
    this.process.stdout?.on('data', (chunk) => {
      this.stdout += chunk
    })
    this.process.stderr?.on('data', (chunk) => {
      this.stderr += chunk
    })
    this.process.stdin?.on('error', () => {}).end(input ?? '')
    this.ended = once(this.process, 'close').then(([exit]) => {
      const { stdout, stderr } = this
      return {
        ...{ exit, stdout, stderr },
        get json() {
          return JSON.parse(stdout)
        },
      }
    })
  }

  /** Lines of standard output, each JSON. */
  get items() {
    return this.stdout
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line))
  }

  says(text: string): Promise<unknown> {
    return until(() => {
      if (this.process.exitCode !== null) throw new Error(`ended without '${text}': ${this.stdout}${this.stderr}`)
      return this.stdout.includes(text) || this.stderr.includes(text)
    }, `'${text}'`)
  }

  async interrupt(): Promise<Ended> {
    this.process.kill('SIGINT')
    return this.ended
  }

  async kill(): Promise<void> {
    this.process.kill('SIGKILL')
    await this.ended
  }
}

export class Cli {
  readonly #running = new Set<Run>()

  private constructor(
    readonly folder: string,
    private readonly env: NodeJS.ProcessEnv,
  ) {}

  static async create(env: NodeJS.ProcessEnv = {}): Promise<Cli> {
    const folder = await mkdtemp(join(tmpdir(), 'tract-cli-'))
    const { PATH, HOME } = process.env
    return new Cli(folder, { PATH, HOME, TRACT_CONFIG_DIR: folder, ...env })
  }

  /** Keeps a profile for each, without asking the service; the first is the current one. */
  async profiles(url: string, clients: Record<string, { client_id: string; client_secret: string }>): Promise<void> {
    const profiles = Object.fromEntries(
      Object.entries(clients).map(([name, { client_id, client_secret }]) => [name, { url, client_id, client_secret }]),
    )
    const file = join(this.folder, 'profiles.json')
    await writeFile(file, JSON.stringify({ current: Object.keys(clients)[0], profiles }), { mode: 0o600 })
  }

  start(...args: string[]): Run {
    return this.#run(args, this.env, undefined)
  }

  startWith(env: NodeJS.ProcessEnv, ...args: string[]): Run {
    return this.#run(args, { ...this.env, ...env }, undefined)
  }

  run(...args: string[]): Promise<Ended> {
    return this.start(...args).ended
  }

  runWith({ env = {}, input }: { env?: NodeJS.ProcessEnv; input?: string }, ...args: string[]): Promise<Ended> {
    return this.#run(args, { ...this.env, ...env }, input).ended
  }

  async close(): Promise<void> {
    await Promise.all([...this.#running].map((run) => run.kill()))
    await rm(this.folder, { recursive: true, force: true })
  }

  #run(args: readonly string[], env: NodeJS.ProcessEnv, input: string | undefined): Run {
    const run = new Run(args, env, input)
    this.#running.add(run)
    run.ended.finally(() => this.#running.delete(run))
    return run
  }
}
