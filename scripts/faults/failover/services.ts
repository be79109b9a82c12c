import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { freePort } from '../../../packages/testing/src/listen.js'
import { until } from '../../../packages/testing/src/until.js'

const MAIN = join(import.meta.dirname, '../../../packages/server/src/main.ts')

/** The service as an operator starts it, at a port that it keeps. */
export class ServiceProcess {
  #child: ChildProcess | undefined

  private constructor(readonly url: string) {}

  static async start(environment: NodeJS.ProcessEnv, log: string): Promise<ServiceProcess> {
    const port = await freePort()
    const service = new ServiceProcess(`http://127.0.0.1:${port}`)
    const file = openSync(log, 'a')
    service.#child = spawn(process.execPath, ['--import', 'tsx', MAIN], {
      env: { PATH: process.env.PATH, HOME: process.env.HOME, ...environment, TRACT_PORT: `${port}` },
      stdio: ['ignore', file, file],
    })
    closeSync(file)
    await until(async () => {
      if (!service.isRunning) throw new Error(`the service does not start; see ${log}`)
      const { status } = await fetch(`${service.url}/readyz`).catch(() => ({ status: 0 }))
      return status === 200
    }, 'a service that is ready')
    return service
  }

  get isRunning(): boolean {
    const child = this.#child
    return child !== undefined && child.exitCode === null && child.signalCode === null
  }

  async stop(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
    if (!this.isRunning) return
    const ended = once(this.#child as ChildProcess, 'exit')
    this.#child?.kill(signal)
    await ended
  }
}
