import { Random } from '../random.js'
import { type DatabaseFault, databaseFaults } from './database-faults.js'
import { type HookChange, hookChanges } from './hook-changes.js'
import { LISTENER_NAMES, type ListenerName } from './listeners.js'
import { type LoadItem, load } from './load.js'
import { type Mood, moods } from './moods.js'
import { closedAround, type Outage, outages } from './outages.js'
import { type ProcessFault, processFaults } from './process-faults.js'

export interface PlanOptions {
  seed: string
  /** How long faults are injected. */
  forMs: number
  processes: number
  users: number
  rate: number
}

/** Everything that a run does. What follows from it differs from run to run. */
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
    return [listener, listener === 'desk' ? closedAround(planned, down) : planned]
  }
  return {
    ...options,
    load: load(random.of('load'), options, forMs),
    processFaults: processFaults(random.of('processes'), processes, forMs),
    databaseFaults: databaseFaults(random.of('database'), processes, forMs),
    moods: Object.fromEntries(LISTENER_NAMES.map(moodsOf)),
    outages: down,
    hookChanges: hookChanges(random.of('hooks'), forMs),
  }
}
