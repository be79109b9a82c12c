/**
 * Removes files that nothing needs: those that no message named within a day, those that were announced and did not come, and those of
 * erased users and of old messages. Several processes may: each claims what it removes. A store that does not answer is asked again.
 */
import type pg from 'pg'
import type { FileStore } from '../attachments/file-store.js'
import { claimStrays, forgetStray, pruneLinks, strayUnnamed } from '../attachments/stray-rows.js'
import { faultPoint } from '../database/fault-points.js'
import { Repeated } from './repeated.js'

/** Times in milliseconds. */
export interface StraySettings {
  /** How long a file waits for its message. */
  unnamed: number
  /** How often what is due is looked for. */
  look: number
  /** After which a removal that was begun and not finished is begun again. */
  again: number
}

export const STRAY_SETTINGS: StraySettings = { unnamed: 24 * 3_600_000, look: 10_000, again: 60_000 }

/** Files that a statement takes at most. */
const BATCH = 100

export interface StrayParts {
  pool: pg.Pool
  store: FileStore
  settings: StraySettings
  onError: (error: unknown) => void
}

export class StrayFiles {
  readonly #parts: StrayParts
  readonly #repeated = new Repeated()

  constructor(parts: StrayParts) {
    this.#parts = parts
  }

  start(): void {
    const { settings, onError } = this.#parts
    this.#repeated.start({ every: settings.look, work: (signal) => this.#look(signal), onError })
  }

  stop(): Promise<void> {
    return this.#repeated.stop()
  }

  async #look(signal: AbortSignal): Promise<void> {
    const { pool, settings } = this.#parts
    const now = new Date()
    await pruneLinks(pool, now)
    const before = new Date(now.getTime() - settings.unnamed)
    while (!signal.aborted && (await strayUnnamed(pool, before, now, BATCH)) === BATCH);
    while (!signal.aborted) {
      const until = new Date(Date.now() + settings.again)
      const claimed = await claimStrays(pool, new Date(), until, BATCH)
      for (const key of claimed) if (!signal.aborted) await this.#remove(key)
      if (claimed.length < BATCH) return
    }
  }

  async #remove(key: { organisationId: string; id: string }): Promise<void> {
    const { pool, store, onError } = this.#parts
    try {
      await store.remove(key)
      faultPoint('attachment.after-remove')
      await forgetStray(pool, key)
    } catch (error) {
      // one file does not keep the others
      onError(error)
    }
  }
}
