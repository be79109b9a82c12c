import { scopes } from '@tract/contract'
import { Refusal } from '../accept/refusal.js'
import { findEnabledListener } from '../accounts/listeners.js'
import { OPERATOR_SCOPE } from '../authentication/session.js'
import type { Access } from '../authentication/token-verifier.js'
import type { Queryable } from '../database/queryable.js'
import { isUuid } from '../lanes/deliveries.js'

/** The header by which an operator calls in place of a listener. */
export const ACT_FOR = 'tract-act-for'

/** What a client of a listener may hold at most: vendors never speak for the platform. */
export const isScopeOf = (kind: string, scope: string): boolean =>
  scope !== OPERATOR_SCOPE && !(kind === 'ect' && scope.startsWith('platform:'))

/**
 * The access of a listener for an operator. It stays the operator's: its client is counted, logged, and its keys are its own.
 * @param header as it came: `<organisation_id>/<listener_id>`
 * @throws {Refusal} `acting_refused`
 */
export async function actingFor(db: Queryable, operator: Access, header: string): Promise<Access> {
  if (operator.organisationId !== null || !operator.scopes.has(OPERATOR_SCOPE))
    throw new Refusal('acting_refused', `Only an operator's client calls in place of a listener.`)
  const [organisationId = '', listener = '', ...more] = header.split('/')
  const named = isUuid(organisationId) && listener !== '' && listener.length <= 128 && more.length === 0
  const found = named ? await findEnabledListener(db, organisationId, listener) : undefined
  if (!found)
    throw new Refusal('acting_refused', `${ACT_FOR} names no enabled listener; it is <organisation_id>/<listener_id>.`)
  const held = Object.keys(scopes).filter((scope) => isScopeOf(found.kind, scope))
  return { ...operator, organisationId: organisationId.toLowerCase(), listener, scopes: new Set(held), isActing: true }
}
