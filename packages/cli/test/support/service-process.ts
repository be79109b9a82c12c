import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { freePort } from '@tract/testing/listen'
import { PATIENT_SETTINGS } from '@tract/testing/patient-settings'
/** The built service in a process of its own, which can be killed and started again on its data and port. */
import { createDatabase } from '@tract/testing/postgres'
import { Program } from '@tract/testing/program'
import { until } from '@tract/testing/until'

const MAIN = fileURLToPath(new URL('../../../server/bundle/main.js', import.meta.url))

export interface DemoClients {
  url: string
  listeners: Record<'iva' | 'message_delivery' | 'desk', { client_id: string; client_secret: string }>
}

export class ServiceProcess {
  #process: Program | undefined

  private constructor(
    readonly url: string,
    private readonly dataDir: string,
    private readonly env: NodeJS.ProcessEnv,
    private readonly drop: () => Promise<void>,
  ) {}

  static async create(): Promise<ServiceProcess> {
    const database = await createDatabase()
    const dataDir = await mkdtemp(join(tmpdir(), 'tract-cli-service-'))
    const port = await freePort()
    const url = `http://localhost:${port}`
    const env = {
      PATH: process.env.PATH,
      ...PATIENT_SETTINGS,
      ...{ TRACT_PORT: String(port), TRACT_DATA_DIR: dataDir, DATABASE_URL: database.url, TRACT_LOG_LEVEL: 'silent' },
    }
    return new ServiceProcess(url, dataDir, env, () => database.drop())
  }

  async start(): Promise<void> {
    const started = new Program(process.execPath, [MAIN], this.env)
    this.#process = started
    await until(async () => {
      if (started.child.exitCode !== null) throw new Error(`the service has ended:\n${started.said}`)
      return (await fetch(`${this.url}/readyz`).catch(() => null))?.ok
    }, 'the service')
  }

  /** Nothing, if it has ended by itself. */
  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    await this.#process?.stop(signal)
  }

  async demo(): Promise<DemoClients> {
    // written a moment after the service listens
    const text = await until(() => readFile(join(this.dataDir, 'demo.json'), 'utf8').catch(() => null), 'demo.json')
    return JSON.parse(text)
  }

  async close(): Promise<void> {
    await this.kill()
    await this.drop()
    await rm(this.dataDir, { recursive: true, force: true })
  }
}
