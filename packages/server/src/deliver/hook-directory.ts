import type { StreamTarget } from './streams/stream-transport.js'

/** A hook as the delivery engine needs it. */
export interface Hook {
  id: string
  url: string
  status: 'active' | 'disabled'
  /** The keys to sign with, the newest first; two while the secret rotates. The same Buffers while nothing changes. */
  secrets: readonly Buffer[]
  /** Since when nothing has succeeded there, where that is kept (see `DeliveryReports`). */
  failingSince?: Date | null
  /** For how long of that attempts were made and failed. */
  failingMs?: number
  /** Its listener fetches what is sent. */
  stream?: StreamTarget
}

/** Asked at each attempt, so that a hook that was moved, disabled or rotated counts for the next one. */
export interface HookDirectory {
  /** @returns null if the listener has no such hook (any more) */
  find(organisationId: string, listener: string, category: string, subcategory: string): Promise<Hook | null>
}
