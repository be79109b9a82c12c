import type { Hook } from '../hook-directory.js'

/** Milliseconds: a shorter failure is not worth a write, and neither is so little more of it. */
const WORTH_REPORTING_MS = 60_000

export interface HookHealthOptions {
  unreachableAfterMs: number
  /** The longest pause between two attempts: while nothing was due for longer, nothing was tried. */
  longestPauseMs: number
  /** Milliseconds for which this process has been trying; see `TryingClock`. */
  tried: () => number
}

export type HookFailure = { failingSince: Date; failingMs: number; news: 'none' | 'failing' | 'unreachable' }

interface FailingPeriod {
  since: number
  /** For how long attempts were made and failed, and when the last one did, by `tried`. */
  failingMs: number
  lastAt: number
  reportedMs: number
  /** The directory has said so too. */
  known: boolean
  ended: boolean
}

/**
 * For how long each hook has been tried without success: in this process, and before it where `Hook.failingSince` says so.
 * Only time between failed attempts counts, while they follow each other by schedule. Each news is told once, and that a
 * hook goes on failing once a minute.
 */
export class HookHealth {
  readonly #options: HookHealthOptions
  readonly #failing = new Map<string, FailingPeriod>()
  /** The `failingSince` of hooks that had a success since: the directory may still have it for a while. */
  readonly #outdated = new Map<string, number>()

  constructor(options: HookHealthOptions) {
    this.#options = options
  }

  /** The endpoint failed. */
  failed(hook: Hook, now: number): HookFailure {
    const { unreachableAfterMs, longestPauseMs, tried } = this.#options
    const known = this.#known(hook)
    let period = this.#failing.get(hook.id)
    // It was moved or enabled, or another process had a success.
    if (period?.known && known === undefined) period = undefined
    if (period === undefined) {
      const failingMs = known === undefined ? 0 : (hook.failingMs ?? 0)
      period = { since: known ?? now, failingMs, lastAt: tried(), reportedMs: failingMs, known: false, ended: false }
      this.#failing.set(hook.id, period)
    }
    period.known ||= known !== undefined
    const at = tried()
    period.failingMs += Math.min(at - period.lastAt, longestPauseMs)
    period.lastAt = at
    const { failingMs } = period
    const told = { failingSince: new Date(period.since), failingMs }
    if (!period.ended && failingMs >= unreachableAfterMs) {
      period.ended = true
      return { ...told, news: 'unreachable' }
    }
    if (failingMs - period.reportedMs >= WORTH_REPORTING_MS) {
      period.reportedMs = failingMs
      return { ...told, news: 'failing' }
    }
    return { ...told, news: 'none' }
  }

  /** @returns whether this ends a failure that was reported */
  succeeded(hook: Hook): boolean {
    const period = this.#failing.get(hook.id)
    const known = this.#known(hook)
    if (period === undefined && known === undefined) return false
    this.#failing.delete(hook.id)
    if (known !== undefined) this.#outdated.set(hook.id, known)
    return known !== undefined || (period?.reportedMs ?? 0) > 0
  }

  #known(hook: Hook): number | undefined {
    const known = hook.failingSince?.getTime()
    if (known === undefined) {
      this.#outdated.delete(hook.id)
      return undefined
    }
    return this.#outdated.get(hook.id) === known ? undefined : known
  }
}
