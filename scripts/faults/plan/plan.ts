import { Random } from '../random.js'
import { type DatabaseFault, databaseFaults } from './database-faults.js'
import { type HookChange, hookChanges } from './hook-changes.js'
import { type LoadItem, load } from './load.js'
import { type Mood, moods } from './moods.js'
import { closedAround, type Outage, outages } from './outages.js'
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
  outages: Outage[]
  hookChanges: HookChange[]
}

export function makePlan(options: PlanOptions): Plan {
  const { seed, forMs, processes } = options
  const random = new Random(seed)
  const down = outages(random.of('outages'), forMs)
  const moodsOf = (listener: ListenerName) => {
    const planned = moods(random.of(`moods/${listener}`), forMs)
    return listener === 'desk' ? closedAround(planned, down) : planned
  }
  return {
    ...options,
    load: load(random.of('load'), options, forMs),
    processFaults: processFaults(random.of('processes'), processes, forMs),
    databaseFaults: databaseFaults(random.of('database'), processes, forMs),
    moods: Object.fromEntries(LISTENER_NAMES.map((listener) => [listener, moodsOf(listener)])) as Plan['moods'],
    outages: down,
    hookChanges: hookChanges(random.of('hooks'), LISTENER_NAMES, forMs),
  }
}
