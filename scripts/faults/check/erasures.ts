import type { Erasure, Receipt } from '../history/history.js'
import type { Excuses } from './excuses.js'
import { grouped, type Violation } from './violation.js'

/** What had been read from the database before goes out within an attempt's time. */
const UNDER_WAY_MS = 8_000

export function checkErasures(
  erasures: readonly Erasure[],
  receipts: readonly Receipt[],
  remains: number,
  excuses: Excuses,
): Violation[] {
  const violations: Violation[] = []
  if (remains > 0) violations.push({ invariant: 'erasure', text: `${remains} rows of erased users are left` })
  const byUser = grouped(receipts, ({ user }) => user)
  for (const { user, answeredAt } of erasures) {
    for (const { listener, sequence, at, process } of byUser.get(user) ?? []) {
      if (at <= answeredAt + UNDER_WAY_MS || excuses.mayBeLate(process, at)) continue
      const text = `${listener}/${user} ${sequence} came ${Math.round(at - answeredAt)} ms after the erasure was answered`
      violations.push({ invariant: 'erasure', text })
    }
  }
  return violations
}
