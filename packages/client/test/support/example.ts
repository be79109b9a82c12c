import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { freePort } from '@tract/testing/listen'
import { until } from '@tract/testing/until'

export const source = (name: string) => fileURLToPath(new URL(`../../examples/${name}.ts`, import.meta.url))

/** A program of the folder `examples`, in a process of its own. */
export class Example {
  printed = ''
  readonly url: string
  readonly #child: ChildProcess

  private constructor(name: string, port: number, environment: NodeJS.ProcessEnv) {
    this.url = `http://127.0.0.1:${port}`
    this.#child = spawn(process.execPath, ['--import', 'tsx', source(name)], {
      env: { PATH: process.env.PATH, PORT: String(port), ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    for (const stream of [this.#child.stdout, this.#child.stderr])
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.printed += text
      })
  }

  static async start(name: string, environment: NodeJS.ProcessEnv): Promise<Example> {
    const example = new Example(name, await freePort(), environment)
    try {
      await example.prints('listening')
    } catch (error) {
      await example.stop('SIGKILL')
      throw error
    }
    return example
  }

  async prints(text: string): Promise<void> {
    await until(() => this.printed.includes(text) || this.#child.exitCode !== null, `'${text}' among:\n${this.printed}`)
    if (!this.printed.includes(text)) throw new Error(`it ended without '${text}':\n${this.printed}`)
  }

  async stop(signal?: NodeJS.Signals): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    this.#child.kill(signal)
    await once(this.#child, 'exit')
  }
}
