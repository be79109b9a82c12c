/** One party of the demo as run.mjs sees it: a process, what its person does, and what has to arrive there. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { isDeepStrictEqual } from 'node:util'

export class HopError extends Error {}

/** For a busy machine; on an idle one a hop takes some milliseconds. */
const LIMIT_MS = 20_000

export class Party {
  name
  ready = false
  arrivals = []
  slowest = 0
  heard = 0
  #child
  #limitMs
  #lastId
  /** When a person last did something, and what went wrong in whichever party's process. */
  static since = 0
  static failure

  /**
   * @param show takes what happens there, to be printed
   * @param limitMs what takes longer after what a person did is late, and after twice that it is missing
   */
  constructor(name, file, environment, show, limitMs = LIMIT_MS) {
    this.name = name
    this.#limitMs = limitMs
    this.#child = fork(fileURLToPath(new URL(file, import.meta.url)), { env: { ...process.env, ...environment } })
    this.#child.on('message', (what) => {
      show(this, what)
      if (what.got) this.arrivals.push({ ...what, at: performance.now() })
      if (what.failed) Party.failure = `${name}: ${what.failed}`
      if (what.ready) this.ready = true
    })
    this.#child.on('exit', (code) => {
      Party.failure ??= `${name}: its process ended with ${code}`
    })
  }

  async isReady() {
    if (!(await this.#until(() => this.ready))) throw new HopError(`${this.name} is not ready`)
  }

  /** The person there does something, and from now on what follows from it has to come in time. */
  does(what, words) {
    Party.since = performance.now()
    this.#child.send({ does: what, words })
  }

  /**
   * The next thing that arrives there has to be this; of the payload only the given fields are looked at, each for a value or by a
   * function.
   */
  async hears(hook, fields, limitMs = this.#limitMs) {
    const number = ++this.heard
    const hop = `${this.name}, delivery ${number}, ${hook} ${JSON.stringify(fields)}`
    const came = await this.#until(() => this.arrivals.length > 0, limitMs)
    if (!came) throw new HopError(`missing: ${hop} did not come within ${(2 * limitMs) / 1000} s`)
    const { got, problem, payload, id, sequence, previous, at } = this.arrivals.shift()
    if (problem) throw new HopError(`${hop}: ${problem}`)
    if (sequence !== number || previous !== this.#lastId) {
      throw new HopError(`out of order: ${hop}; what came is number ${sequence}, after ${previous ?? 'nothing'}`)
    }
    const isAsMeant = ([name, wanted]) =>
      typeof wanted === 'function' ? wanted(payload[name]) : isDeepStrictEqual(payload[name], wanted)
    const differing = Object.entries(fields).filter((field) => !isAsMeant(field))
    if (got !== hook || differing.length > 0)
      throw new HopError(`missing: ${hop}; instead came ${got} ${JSON.stringify(payload)}`)
    const ms = at - Party.since
    if (ms > limitMs)
      throw new HopError(`late: ${hop} took ${(ms / 1000).toFixed(1)} s, and the limit is ${limitMs / 1000} s`)
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
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), this.#limitMs)
    await gone
    clearTimeout(timer)
  }

  async #until(condition, limitMs = this.#limitMs) {
    const end = performance.now() + 2 * limitMs
    while (!condition()) {
      if (Party.failure) throw new HopError(Party.failure)
      if (performance.now() > end) return false
      await delay(5)
    }
    return true
  }
}
