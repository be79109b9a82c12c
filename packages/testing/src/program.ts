/** A program in a process of its own, and what it says. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'

export class Program {
  stdout = ''
  stderr = ''
  /** What it said on both, as it came. */
  said = ''
  readonly child: ChildProcess
  /** Its exit code, once all that it said has come. */
  readonly ended: Promise<number | null>
  #isOver = false

  constructor(command: string, words: readonly string[], env: NodeJS.ProcessEnv) {
    this.child = spawn(command, words, { env, stdio: 'pipe' })
    for (const name of ['stdout', 'stderr'] as const)
      this.child[name]?.setEncoding('utf8').on('data', (text: string) => {
        this[name] += text
        this.said += text
      })
    this.ended = once(this.child, 'close').then(([code]) => {
      this.#isOver = true
      return code
    })
  }

  /** Waits as long as it takes for the words; a program that ends without them has failed. */
  async says(words: string): Promise<void> {
    for (; !this.said.includes(words); await sleep(5))
      if (this.#isOver) throw new Error(`it ended without '${words}':\n${this.said}`)
  }

  stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    this.child.kill(signal)
    return this.ended
  }
}
