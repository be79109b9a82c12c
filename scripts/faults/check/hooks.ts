import type { HookState, Receipt } from '../history/history.js'
import type { Excuses } from './excuses.js'
import type { Violation } from './violation.js'

/** A hook is read at most once a second, and an attempt takes five seconds: an older view than that is nobody's. */
const OLDEST_VIEW_MS = 8_000
/** … unless its process stood still in between, for as long as the harness ever lets one. */
const OLDEST_FROZEN_VIEW_MS = 22_000

/** Where a delivery came, and how it was signed, has to fit one state that the hook was in when it was sent. */
export function checkHook(receipt: Receipt, states: readonly HookState[], excuses: Excuses): Violation[] {
  const late = excuses.mayBeLate(receipt.process, receipt.at)
  const grace = late ? OLDEST_FROZEN_VIEW_MS : OLDEST_VIEW_MS
  const possible = states.filter((state, index) => {
    const next = states[index + 1]
    return state.from <= receipt.at && (next === undefined || receipt.at <= next.answeredAt + grace)
  })
  if (possible.some((state) => fits(receipt, state))) return []
  const { listener, user, sequence, hook, port, signedBy } = receipt
  const said = possible
    .map(({ status, port, version }) => `${status} at ${port} with secret ${signaturesOf(version).join(' and ')}`)
    .join(', or ')
  const text = `${listener}/${user} ${sequence} at ${Math.round(receipt.at)}: came at ${port} signed with secret ${signedBy.join(' and ') || 'nobody knows'}; ${hook} was ${said || 'not there'}`
  return [{ invariant: 'signature', text }]
}

function fits({ port, signedBy }: Receipt, state: HookState): boolean {
  const expected = signaturesOf(state.version)
  return (
    state.status === 'active' &&
    port === state.port &&
    signedBy.length === expected.length &&
    expected.every((version) => signedBy.includes(version))
  )
}

/** The newest secret, and the one before it for a day. */
const signaturesOf = (version: number): number[] => (version === 1 ? [1] : [version, version - 1])
