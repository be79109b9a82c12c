import type { History, Loss, Receipt } from '../history/history.js'
import { UNREACHABLE_AFTER_MS } from '../settings.js'
import type { Excuses } from './excuses.js'
import { grouped, type Violation, wrong } from './violation.js'

const RETURNED = 'thread_control/returned'
/** What a dead process's last heartbeat did not cover, and a delivery's time on its way. */
const UNTOLD_MS = 2_000

/**
 * Control returns from a desk that was tried in vain for `unreachable_after`, without the time in
 * which no process ran. It cannot have been tried in vain for longer than since it last
 * acknowledged a delivery about the user before the decision, of which a listener that fails hears
 * much later.
 */
export function checkControl(
  receipts: readonly Receipt[],
  { outages, losses }: Pick<History, 'outages' | 'losses'>,
  excuses: Excuses,
): Violation[] {
  if (outages.length === 0) return []
  const clocks = losses.filter(({ kind }) => kind === 'clock')
  const acknowledged = grouped(
    receipts.filter(({ listener, outcome }) => listener === 'desk' && outcome === 'acknowledged'),
    ({ user }) => user,
  )
  const told = new Set<string>()
  return receipts.flatMap(({ hook, id, user, decidedAt }) => {
    if (hook !== RETURNED || told.has(id)) return []
    told.add(id)
    if (clocks.some((clock) => isBy(clock, decidedAt))) return []
    // what it acknowledged right before can have come after the decision
    const last = acknowledged.get(user)?.findLast(({ endedAt }) => endedAt < decidedAt - UNTOLD_MS)
    if (last === undefined || excuses.lost(last)) return []
    const since = last.endedAt
    if (clocks.some(({ from, to }) => from < decidedAt && to > since)) return []
    const down = outages.reduce(
      (sum, { from, to }) => sum + Math.max(0, Math.min(to, decidedAt) - Math.max(from, since)),
      0,
    )
    const tried = decidedAt - since - down
    if (tried >= UNREACHABLE_AFTER_MS - UNTOLD_MS) return []
    const when = `at ${Math.round(decidedAt)}, ${Math.round(tried)} ms of running processes after it answered`
    return [wrong('charge', `${user}: control returned from the desk ${when}`)]
  })
}

/** Whether a time can be by this clock, which is wrong and is told so a little later. */
const isBy = ({ from, to, byMs = 0 }: Loss, time: number): boolean =>
  time - byMs >= from && time - byMs <= to + UNTOLD_MS
