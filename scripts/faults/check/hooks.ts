import type { HookState, Receipt } from '../history/history.js'
import type { Excuses } from './excuses.js'
import { type Violation, wrong } from './violation.js'

/** A process reads a hook once a second, and an attempt takes five: no view is older. */
const OLDEST_VIEW_MS = 8_000
/** A process that stood still has an older one: by as long as the harness ever makes it. */
const OLDEST_FROZEN_VIEW_MS = 22_000

/** Port and signatures have to fit one state that the hook was in when it was sent. */
export function checkHook(receipt: Receipt, states: readonly HookState[], excuses: Excuses): Violation[] {
  const { listener, user, sequence, hook, port, signedBy, at, process } = receipt
  const grace = excuses.mayBeLate(process, at) ? OLDEST_FROZEN_VIEW_MS : OLDEST_VIEW_MS
  const possible = states.filter(({ from }, index) => {
    const next = states[index + 1]
    return from <= at && (next === undefined || at <= next.answeredAt + grace)
  })
  if (possible.some((state) => fits(receipt, state))) return []
  const secrets = (versions: number[]) => versions.join(' and ')
  const said = possible.map((state) => `${state.status} at ${state.port} with secret ${secrets(signaturesOf(state))}`)
  const came = `came at ${port} signed with secret ${secrets(signedBy) || 'unknown'}`
  const was = `${hook} was ${said.join(', or ') || 'not there'}`
  return [wrong('signature', `${listener}/${user} ${sequence} at ${Math.round(at)}: ${came}; ${was}`)]
}

function fits({ port, signedBy }: Receipt, state: HookState): boolean {
  const expected = signaturesOf(state)
  return (
    state.status === 'active' &&
    port === state.port &&
    signedBy.length === expected.length &&
    expected.every((version) => signedBy.includes(version))
  )
}

/** The newest secret, and for a day the one before it. */
const signaturesOf = ({ version }: HookState): number[] => (version === 1 ? [1] : [version, version - 1])
