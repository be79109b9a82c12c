/** Calls a service all the time, as a client does that keeps its connections, and counts what became of the calls. */
import { Agent, get } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'

const CALLS_PER_SECOND = 50

export class Caller {
  readonly #agent = new Agent({ keepAlive: true })
  readonly #outcomes = new Map<string, number>()
  readonly #underWay = new Set<Promise<void>>()
  readonly #ended: Promise<void>
  #goesOn = true
  #made = 0

  /** @param token for the path */
  constructor(
    private readonly url: string,
    private readonly token: string,
  ) {
    this.#ended = this.#call()
  }

  /** Waits until that number of further calls have ended. */
  async makes(calls: number): Promise<void> {
    const until = this.#made + calls
    while (this.#made < until) await sleep(1_000 / CALLS_PER_SECOND)
  }

  /** @returns how many calls ended in which way: by status, or by the code of the error */
  async stop(): Promise<Record<string, number>> {
    this.#goesOn = false
    await this.#ended
    await Promise.all(this.#underWay)
    this.#agent.destroy()
    return Object.fromEntries(this.#outcomes)
  }

  async #call(): Promise<void> {
    const startedAt = performance.now()
    for (let begun = 0; this.#goesOn; begun++) {
      const due = startedAt + (begun * 1_000) / CALLS_PER_SECOND
      if (due > performance.now()) await sleep(due - performance.now())
      const one = this.#outcome().then((outcome) => {
        this.#outcomes.set(outcome, (this.#outcomes.get(outcome) ?? 0) + 1)
        this.#made++
        this.#underWay.delete(one)
      })
      this.#underWay.add(one)
    }
  }

  #outcome(): Promise<string> {
    const headers = { authorization: `Bearer ${this.token}` }
    return new Promise((resolve) => {
      const request = get(this.url, { agent: this.#agent, headers }, (response) => {
        response.resume().once('end', () => resolve(`${response.statusCode}`))
      })
      request.on('error', ({ code }: NodeJS.ErrnoException) => {
        // closed while it was idle: every client calls again
        if (request.reusedSocket && code === 'ECONNRESET') this.#outcome().then(resolve)
        else resolve(`${code}`)
      })
    })
  }
}
