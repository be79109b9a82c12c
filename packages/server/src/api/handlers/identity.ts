import { Refusal } from '../../accept/refusal.js'
import type { RetryPolicy } from '../../deliver/health/retry-policy.js'
import { ATTEMPT_TIMEOUT_MS } from '../../deliver/send/sender.js'
import type { Call } from '../call.js'
import type { Handlers } from '../routes.js'
import type { Services } from '../services.js'

export function identityHandlers({ pool, organisations, retryPolicy }: Services) {
  return {
    whoAmI: async (_input, { caller, access }) => {
      const organisation = await organisations.at(pool, caller.organisationId, undefined)
      const listener = organisation?.listeners.get(caller.listener)
      if (!organisation || !listener) throw new Refusal('token_invalid', 'The listener of the token is gone.')
      const { allocateWithin } = organisation
      return {
        listener: listener.id,
        name: listener.name,
        kind: listener.kind,
        standby: listener.standby,
        organisation: organisation.id,
        organisation_name: organisation.name,
        client: access.clientId,
        scopes: [...access.scopes].sort(),
        unreachable_after: organisation.unreachableAfter,
        ...(allocateWithin !== null && { allocate_within: allocateWithin }),
        offer_within: organisation.offerWithin,
        idle_complete_after: organisation.idleCompleteAfter,
        history_messages: organisation.historyMessages,
        retry: toSchedule(retryPolicy),
      }
    },
  } satisfies Partial<Handlers<Call>>
}

const seconds = (ms: number): number => ms / 1000

const toSchedule = ({ delays, jitter, deadline, refusalDelays, longestRetryAfter }: RetryPolicy) => ({
  answer_within: seconds(ATTEMPT_TIMEOUT_MS),
  pauses: delays.map(seconds),
  jitter,
  give_up_after: seconds(deadline),
  refused_pauses: refusalDelays.map(seconds),
  longest_retry_after: seconds(longestRetryAfter),
})
