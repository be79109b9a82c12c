import { LRUCache } from 'lru-cache'
import { Refusal } from '../accept/refusal.js'
import type { Answer } from './answer.js'

const WINDOW_MS = 60_000
/** Callers, the latest, for memory's sake: any other begins with a full limit. */
const MOST_CALLERS = 10_000

interface Window {
  calls: number
  endsAt: number
}

/**
 * Counts the calls of each client, or of each address without a client, in windows of a minute. A plugin would make four
 * promises for each call.
 */
export class RateLimit {
  readonly #most: number
  readonly #what: string
  readonly #windows = new LRUCache<string, Window>({ max: MOST_CALLERS })

  /** @param most calls a minute; `what` names them in a refusal */
  constructor(most: number, what = 'calls') {
    this.#most = most
    this.#what = what
  }

  /**
   * Counts a call, and says in its answer what is left.
   * @throws {Refusal} `rate_limited`
   */
  count(caller: string, { common }: Pick<Answer, 'common'>, now = Date.now()): void {
    let window = this.#windows.get(caller)
    if (window === undefined || window.endsAt <= now) {
      window = { calls: 0, endsAt: now + WINDOW_MS }
      this.#windows.set(caller, window)
    }
    const left = this.#most - ++window.calls
    const seconds = Math.ceil((window.endsAt - now) / 1_000)
    // draft-ietf-httpapi-ratelimit-headers-07
    common.push('ratelimit-limit', `${this.#most}`, 'ratelimit-remaining', `${Math.max(0, left)}`)
    common.push('ratelimit-reset', `${seconds}`)
    if (left >= 0) return
    common.push('retry-after', `${seconds}`)
    throw new Refusal(
      'rate_limited',
      `The client has used up its ${this.#most} ${this.#what} a minute; go on in ${seconds} s.`,
    )
  }
}
