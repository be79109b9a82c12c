/** One party of the demo as run.mjs sees it: a process, what its person does, and what has to arrive there. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { isDeepStrictEqual } from 'node:util'

/** A hop that takes longer than this after what a person did is late, and after twice that it is missing. */
const LIMIT_MS = 5_000

export class HopError extends Error {}

export class Party {
  name
  arrivals = []
  slowest = 0
  heard = 0
  #child
  #lastId
  #failed
  #changed = () => {}

  /** @param show takes what happens there, to be printed */
  constructor(name, file, environment, show) {
    this.name = name
    this.#child = fork(fileURLToPath(new URL(file, import.meta.url)), { env: { ...process.env, ...environment } })
    this.#child.on('message', (what) => {
      show(this, what)
      if (what.got) this.arrivals.push({ ...what, at: performance.now() })
      if (what.failed) this.#failed = what.failed
      if (what.ready) this.ready = true
      this.#changed()
    })
    this.#child.on('exit', (code) => {
      this.#failed ??= `its process ended with ${code}`
      this.#changed()
    })
  }

  async isReady() {
    if (!(await this.#until(() => this.ready, 2 * LIMIT_MS))) throw new HopError(`${this.name} is not ready`)
  }

  /** The person there does something, and from now on what follows from it has to come in time. */
  does(what, words) {
    Party.since = performance.now()
    this.#child.send({ does: what, words })
  }

  /** The next thing that arrives there has to be this; of the payload only the given fields are looked at. */
  async hears(hook, fields) {
    const number = ++this.heard
    const hop = `${this.name}, delivery ${number}, ${hook} ${JSON.stringify(fields)}`
    const came = await this.#until(() => this.arrivals.length > 0, 2 * LIMIT_MS)
    if (!came) throw new HopError(`missing: ${hop} did not come within ${(2 * LIMIT_MS) / 1000} s`)
    const { got, problem, payload, id, sequence, previous, at } = this.arrivals.shift()
    if (problem) throw new HopError(`${hop}: ${problem}`)
    if (sequence !== number || previous !== this.#lastId) {
      throw new HopError(`out of order: ${hop}; what came is number ${sequence}, after ${previous ?? 'nothing'}`)
    }
    const differing = Object.keys(fields).filter((name) => !isDeepStrictEqual(payload[name], fields[name]))
    if (got !== hook || differing.length > 0)
      throw new HopError(`missing: ${hop}; instead came ${got} ${JSON.stringify(payload)}`)
    const ms = at - Party.since
    if (ms > LIMIT_MS)
      throw new HopError(`late: ${hop} took ${(ms / 1000).toFixed(1)} s, and the limit is ${LIMIT_MS / 1000} s`)
    this.slowest = Math.max(this.slowest, ms)
    this.#lastId = id
  }

  /** Nothing but what was expected may have come. */
  heardNothingElse() {
    const [more] = this.arrivals
    if (more)
      throw new HopError(`${this.name} heard something that is not for it: ${more.got} ${JSON.stringify(more.payload)}`)
  }

  /** Lets it unregister its hooks and go. */
  async leaves() {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const gone = once(this.#child, 'exit')
    if (this.#child.connected) this.#child.disconnect()
    await gone
  }

  async #until(condition, ms) {
    const end = performance.now() + ms
    for (;;) {
      if (this.#failed) throw new HopError(`${this.name}: ${this.#failed}`)
      if (condition()) return true
      const left = end - performance.now()
      if (left <= 0) return false
      await new Promise((resolve) => {
        const timer = setTimeout(resolve, left)
        this.#changed = () => {
          clearTimeout(timer)
          resolve()
        }
      })
    }
  }
}
