import type { Hook } from './hook-directory.js'

/** Shorter trouble is not worth writing down. */
const WORTH_REPORTING_MS = 60_000

export type HookTrouble = { failingSince: Date; news: 'none' | 'failing' | 'unreachable' }

/** Since when each hook has had no success: in this process, and before it where `Hook.failingSince` says so. Each news is told once. */
export class HookHealth {
  readonly #unreachableAfterMs: number
  readonly #failing = new Map<string, { since: number; reported: boolean; ended: boolean }>()
  /** The `failingSince` of hooks that have had a success since: the directory may go on saying so for a while. */
  readonly #outdated = new Map<string, number>()

  constructor(unreachableAfterMs: number) {
    this.#unreachableAfterMs = unreachableAfterMs
  }

  /** The endpoint failed. */
  failed(hook: Hook, now: number): HookTrouble {
    let state = this.#failing.get(hook.id)
    if (state === undefined) {
      const known = this.#known(hook)
      state = { since: known ?? now, reported: known !== undefined, ended: false }
      this.#failing.set(hook.id, state)
    }
    const failingSince = new Date(state.since)
    if (!state.ended && now - state.since >= this.#unreachableAfterMs) {
      state.ended = true
      return { failingSince, news: 'unreachable' }
    }
    if (!state.reported && now - state.since >= WORTH_REPORTING_MS) {
      state.reported = true
      return { failingSince, news: 'failing' }
    }
    return { failingSince, news: 'none' }
  }

  /** @returns whether this ends a trouble that was reported */
  succeeded(hook: Hook): boolean {
    const state = this.#failing.get(hook.id)
    const known = this.#known(hook)
    if (state === undefined && known === undefined) return false
    this.#failing.delete(hook.id)
    if (known !== undefined) this.#outdated.set(hook.id, known)
    return state?.reported ?? true
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
