/** The command as a user has it: the built one, in a process of its own, with a folder of its own for what it keeps. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Program } from '@tract/testing/program'

export const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url))

export interface Ended {
  exit: number | null
  stdout: string
  stderr: string
  /** Standard output as JSON. */
  // biome-ignore lint/suspicious/noExplicitAny: results of every shape
  readonly json: any
}

export class Run extends Program {
  constructor(args: readonly string[], env: NodeJS.ProcessEnv, input = '') {
    super(process.execPath, [MAIN, ...args], env)
    this.child.stdin?.on('error', () => {}).end(input)
  }

  async end(): Promise<Ended> {
    const exit = await this.ended
    const { stdout, stderr } = this
    return {
      ...{ exit, stdout, stderr },
      get json() {
        return JSON.parse(stdout)
      },
    }
  }

  /** Lines of standard output, each JSON; one may have come in part. */
  get items() {
    const lines = this.stdout.split('\n').slice(0, -1)
    return lines.map((line) => JSON.parse(line))
  }

  interrupt(): Promise<Ended> {
    this.child.kill('SIGINT')
    return this.end()
  }

  async kill(): Promise<void> {
    await this.stop('SIGKILL')
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
    return this.#run(args, this.env)
  }

  startWith(env: NodeJS.ProcessEnv, ...args: string[]): Run {
    return this.#run(args, { ...this.env, ...env })
  }

  run(...args: string[]): Promise<Ended> {
    return this.start(...args).end()
  }

  runWith({ env = {}, input }: { env?: NodeJS.ProcessEnv; input?: string }, ...args: string[]): Promise<Ended> {
    return this.#run(args, { ...this.env, ...env }, input).end()
  }

  async close(): Promise<void> {
    await Promise.all([...this.#running].map((run) => run.kill()))
    await rm(this.folder, { recursive: true, force: true })
  }

  #run(args: readonly string[], env: NodeJS.ProcessEnv, input?: string): Run {
    const run = new Run(args, env, input)
    this.#running.add(run)
    run.ended.finally(() => this.#running.delete(run))
    return run
  }
}
