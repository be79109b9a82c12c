import { Random } from '../random.js'
import { type DatabaseFault, databaseFaults } from './database-faults.js'
import { type HookChange, hookChanges } from './hook-changes.js'
import { type LoadItem, load } from './load.js'
import { type Mood, moods } from './moods.js'
import { type ProcessFault, processFaults } from './process-faults.js'

/** Who takes part in the organisation, by listener and kind. */
export const LISTENERS = { md: 'md', iva: 'iva', desk: 'ect', observer: 'analytics' } as const
export type ListenerName = keyof typeof LISTENERS
export const LISTENER_NAMES = Object.keys(LISTENERS) as ListenerName[]

export interface PlanOptions {
  seed: string
  /** How long faults are injected. */
  forMs: number
  processes: number
  users: number
  rate: number
}

/** Everything that is going to be done in a run. What follows of it, when processes die here and there, differs from run to run. */
export interface Plan extends PlanOptions {
  load: LoadItem[]
  /** For each process. */
  processFaults: ProcessFault[][]
  databaseFaults: DatabaseFault[]
  moods: Record<ListenerName, Mood[]>
  hookChanges: HookChange[]
}

export function makePlan(options: PlanOptions): Plan {
  const { seed, forMs, processes } = options
  const random = new Random(seed)
  return {
    ...options,
    load: load(random.of('load'), options, forMs),
    processFaults: processFaults(random.of('processes'), processes, forMs),
    databaseFaults: databaseFaults(random.of('database'), processes, forMs),
    moods: Object.fromEntries(
      LISTENER_NAMES.map((listener) => [listener, moods(random.of(`moods/${listener}`), forMs)]),
    ) as Plan['moods'],
    hookChanges: hookChanges(random.of('hooks'), LISTENER_NAMES, forMs),
  }
}
