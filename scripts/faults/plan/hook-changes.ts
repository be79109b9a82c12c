import type { Random } from '../random.js'
import { LISTENER_NAMES, type ListenerName } from './listeners.js'

/** What a listener does to its hook for messages while deliveries go out. */
export type HookChange = { at: number; listener: ListenerName } & (
  | { kind: 'move' | 'rotate' }
  /** Disabled, and enabled after that time. */
  | { kind: 'pause'; forMs: number }
)

const PAUSE_MS = [2_000, 7_000] as const

export function hookChanges(random: Random, forMs: number): HookChange[] {
  const changes: HookChange[] = []
  for (let at = random.between(2_000, 4_000); at < forMs; at += random.between(...PAUSE_MS)) {
    const kind = random.weighted({ move: 1, rotate: 1, pause: 1 })
    const when = { at: Math.round(at), listener: random.pick(LISTENER_NAMES) }
    changes.push(
      kind === 'pause' ? { ...when, kind, forMs: Math.round(random.between(500, 5_000)) } : { ...when, kind },
    )
  }
  return changes
}
