import type { Erasure, Receipt } from '../history/history.js'
import type { Excuses } from './excuses.js'
import { grouped, type Violation, wrong } from './violation.js'

/** What a process had read before the erasure goes out within an attempt's time. */
const UNDER_WAY_MS = 8_000

export function checkErasures(
  erasures: readonly Erasure[],
  receipts: readonly Receipt[],
  remains: number,
  excuses: Excuses,
): Violation[] {
  const byUser = grouped(receipts, ({ user }) => user)
  const late = erasures.flatMap(({ user, answeredAt }) =>
    (byUser.get(user) ?? [])
      .filter(({ at, process }) => at > answeredAt + UNDER_WAY_MS && !excuses.mayBeLate(process, at))
      .map(({ listener, sequence, at }) => {
        const when = `${Math.round(at - answeredAt)} ms after the erasure was answered`
        return wrong('erasure', `${listener}/${user} ${sequence} came ${when}`)
      }),
  )
  return [...(remains > 0 ? [wrong('erasure', `${remains} rows of erased users are left`)] : []), ...late]
}
