import { fileURLToPath } from 'node:url'
import { freePort } from '@tract/testing/listen'
import { Program } from '@tract/testing/program'

export const source = (name: string) => fileURLToPath(new URL(`../../examples/${name}.ts`, import.meta.url))

/** A program of the folder `examples`, in a process of its own. */
export class Example extends Program {
  private constructor(
    name: string,
    readonly url: string,
    environment: NodeJS.ProcessEnv,
  ) {
    const env = { PATH: process.env.PATH, PORT: new URL(url).port, ...environment }
    super(process.execPath, ['--import', 'tsx', source(name)], env)
  }

  static async start(name: string, environment: NodeJS.ProcessEnv): Promise<Example> {
    const example = new Example(name, `http://127.0.0.1:${await freePort()}`, environment)
    try {
      await example.says('listening')
    } catch (error) {
      await example.stop('SIGKILL')
      throw error
    }
    return example
  }
}
