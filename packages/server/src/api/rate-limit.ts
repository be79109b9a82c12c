import { LRUCache } from 'lru-cache'
import { Refusal } from '../accept/refusal.js'
import type { Answer } from './answer.js'

const WINDOW_MS = 60_000
/** Callers, the latest, for memory's sake: any other begins with a full limit. */
const MOST_CALLERS = 10_000
/** Calls a minute of each client: a test of a hook calls its receiver, and waits for up to 5 s. */
const HOOK_TESTS = 60

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
  /** Calls to be told of, by caller, where several processes count together. */
  #untold: Map<string, number> | undefined

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
    const window = this.#add(caller, 1, now)
    this.#untold?.set(caller, (this.#untold.get(caller) ?? 0) + 1)
    const left = this.#most - window.calls
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

  /** The calls that were counted since this was last asked, by caller: for the processes that count with this one. */
  tell(): Counted {
    const counted = [...(this.#untold ?? [])]
    this.#untold = new Map()
    return counted
  }

  /** Counts what other processes tell. */
  hear(counted: Counted, now = Date.now()): void {
    for (const [caller, calls] of counted) this.#add(caller, calls, now)
  }

  #add(caller: string, calls: number, now: number): Window {
    let window = this.#windows.get(caller)
    if (window === undefined || window.endsAt <= now) {
      window = { calls: 0, endsAt: now + WINDOW_MS }
      this.#windows.set(caller, window)
    }
    window.calls += calls
    return window
  }
}

/** Calls by caller. */
export type Counted = [caller: string, calls: number][]

export interface RateLimits {
  calls: RateLimit
  hookTests: RateLimit
}

/** @param most calls of a client a minute */
export const openRateLimits = (most: number): RateLimits => ({
  calls: new RateLimit(most),
  hookTests: new RateLimit(HOOK_TESTS, 'tests of hooks'),
})
