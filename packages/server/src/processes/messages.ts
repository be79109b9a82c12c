/** What the parent and its processes tell each other. */
import type { SandboxState } from '@tract/contract'
import type { Credentials } from '../accounts/first-start.js'
import type { Counted, RateLimits } from '../api/rate-limit.js'
import type { MovedListener } from '../start/provision-service.js'
import type { Storage } from '../start/storage.js'

/** What a process begins with: what the parent has found and made. */
export interface ProcessPlan extends Pick<Storage, 'embedded'> {
  /** From 1 up; the process that takes the place of one that died has its number. */
  number: number
  port: number
  publicUrl: string
  isWatched: boolean
  sandbox: SandboxState
  tryAs: Credentials | null
  /** Listeners that this process wakes. */
  moved: readonly MovedListener[]
}

/** What the parent asks of each process when it is asked itself. */
export type Question = 'metrics' | 'readiness'

/** Calls by caller, for each limit. */
export type CallsCounted = Record<keyof RateLimits, Counted>

export type ToProcess =
  | { do: 'start'; plan: ProcessPlan }
  | { do: 'listen' }
  | { do: 'stop' }
  | { do: 'answer'; id: number; question: Question }
  | { do: 'count'; counted: CallsCounted }

export type ToParent =
  | { is: 'up' }
  | { is: 'ready' }
  | { is: 'listening' }
  /** @property ofSettings a setting is wrong: the next start would fail too */
  | { is: 'failed'; message: string; code?: string; ofSettings: boolean }
  | { is: 'answer'; id: number; answer: string | null }
  | { is: 'counted'; counted: CallsCounted }
