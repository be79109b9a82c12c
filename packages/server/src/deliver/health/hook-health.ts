import type { Hook } from '../hook-directory.js'

/** Shorter trouble is not worth writing down, and neither is so little more of it. */
const WORTH_REPORTING_MS = 60_000

export interface HookHealthOptions {
  unreachableAfterMs: number
  /** The longest pause between two attempts: while nothing was due for longer, nothing was tried. */
  longestPauseMs: number
  /** Milliseconds for which this process has been trying; see `TryingClock`. */
  tried: () => number
}

export type HookTrouble = { failingSince: Date; failingMs: number; news: 'none' | 'failing' | 'unreachable' }

interface Trouble {
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
 * For how long each hook has been tried without success: in this process, and before it where `Hook.failingSince` says so. Only time between
 * failed attempts counts, as long as attempts follow each other by schedule. Each news is told once, that it goes on failing once a minute.
 */
export class HookHealth {
  readonly #options: HookHealthOptions
  readonly #failing = new Map<string, Trouble>()
  /** The `failingSince` of hooks that have had a success since: the directory may go on saying so for a while. */
  readonly #outdated = new Map<string, number>()

  constructor(options: HookHealthOptions) {
    this.#options = options
  }

  /** The endpoint failed. */
  failed(hook: Hook, now: number): HookTrouble {
    const { unreachableAfterMs, longestPauseMs, tried } = this.#options
    const known = this.#known(hook)
    let trouble = this.#failing.get(hook.id)
    // It was moved or enabled, or another process had a success.
    if (trouble?.known && known === undefined) trouble = undefined
    if (trouble === undefined) {
      const failingMs = known === undefined ? 0 : (hook.failingMs ?? 0)
      trouble = { since: known ?? now, failingMs, lastAt: tried(), reportedMs: failingMs, known: false, ended: false }
      this.#failing.set(hook.id, trouble)
    }
    trouble.known ||= known !== undefined
    const at = tried()
    trouble.failingMs += Math.min(at - trouble.lastAt, longestPauseMs)
    trouble.lastAt = at
    const { failingMs } = trouble
    const told = { failingSince: new Date(trouble.since), failingMs }
    if (!trouble.ended && failingMs >= unreachableAfterMs) {
      trouble.ended = true
      return { ...told, news: 'unreachable' }
    }
    if (failingMs - trouble.reportedMs >= WORTH_REPORTING_MS) {
      trouble.reportedMs = failingMs
      return { ...told, news: 'failing' }
    }
    return { ...told, news: 'none' }
  }

  /** @returns whether this ends a trouble that was reported */
  succeeded(hook: Hook): boolean {
    const trouble = this.#failing.get(hook.id)
    const known = this.#known(hook)
    if (trouble === undefined && known === undefined) return false
    this.#failing.delete(hook.id)
    if (known !== undefined) this.#outdated.set(hook.id, known)
    return known !== undefined || (trouble?.reportedMs ?? 0) > 0
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
