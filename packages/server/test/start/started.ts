/** The service as it is started: a process of its own, in words and exit code. */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { freePort } from '@tract/testing/listen'
import { PATIENT_SETTINGS } from '@tract/testing/patient-settings'
import { Program } from '@tract/testing/program'
import type { Demo } from '../../src/accounts/first-start.js'

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url))
const BUNDLE = fileURLToPath(new URL('../../bundle/main.js', import.meta.url))

/** How the service is started: the program and its first words. */
type Command = readonly [string, ...string[]]
const FROM_SOURCES: Command = [process.execPath, '--import', 'tsx', MAIN]
/** As it is built, which starts sooner. */
export const BUNDLED: Command = [process.execPath, BUNDLE]

/** What tests of starts have in common: a folder, a free port, and processes that all end with the test. */
export class Starts {
  readonly #running = new Set<Program>()

  private constructor(
    readonly folder: string,
    readonly port: number,
    private readonly command: Command,
  ) {}

  static async create(command = FROM_SOURCES): Promise<Starts> {
    return new Starts(await mkdtemp(join(tmpdir(), 'tract-start-')), await freePort(), command)
  }

  get dataDir(): string {
    return join(this.folder, 'data')
  }

  /** With the settings of this test where no others are given. */
  start(environment: NodeJS.ProcessEnv = {}, words: readonly string[] = []): Program {
    const { PATH, HOME } = process.env
    const own = { TRACT_PORT: `${this.port}`, TRACT_DATA_DIR: this.dataDir, NODE_ENV: 'development' }
    const env = { PATH, HOME, TRACT_LOG_LEVEL: 'silent', ...PATIENT_SETTINGS, ...own, ...environment }
    const [program, ...first] = this.command
    const started = new Program(program, [...first, ...words], env)
    this.#running.add(started)
    return started
  }

  /** … and waits until it runs. */
  async run(environment: NodeJS.ProcessEnv = {}): Promise<Program> {
    const started = this.start(environment)
    await started.says('TRACT is running')
    return started
  }

  async demo(): Promise<Demo> {
    return JSON.parse(await readFile(join(this.dataDir, 'demo.json'), 'utf8'))
  }

  async close(): Promise<void> {
    await Promise.all([...this.#running].map((started) => started.stop('SIGKILL')))
    await rm(this.folder, { recursive: true, force: true, maxRetries: 10 })
  }
}

/** A token for each of the clients: they all count. */
export async function tokenStatuses(
  url: string,
  clients: Record<string, { client_id: string; client_secret: string }>,
) {
  const entries = Object.entries(clients).map(async ([name, client]) => {
    const body = new URLSearchParams({ grant_type: 'client_credentials', ...client })
    return [name, (await fetch(`${url}/tract/auth/token/`, { method: 'POST', body })).status]
  })
  return Object.fromEntries(await Promise.all(entries))
}
