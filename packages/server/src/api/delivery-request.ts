import type { DeliveryRequest } from '@tract/contract'
import { gapBefore } from '../deliver/delivery-gaps.js'
import { ofUser } from '../lanes/bucket.js'
import type { AttemptRow, PostedRow } from '../lanes/deliveries.js'
import type { Services } from './services.js'

/** Those that say when it was sent, and that it was us. */
const OF_AN_ATTEMPT = ['webhook-timestamp', 'webhook-signature']

/** What was posted at the last attempt. Times and signatures are not kept: they are made again. */
export async function toRequest(
  { pools, accounts, hookCalls }: Pick<Services, 'pools' | 'accounts' | 'hookCalls'>,
  organisationId: string,
  posted: PostedRow,
  last: AttemptRow | undefined,
): Promise<DeliveryRequest> {
  const { id, body, listener, category, subcategory, sequence, previous_id, replay_of, traceparent } = posted
  const hook = await accounts.findHookFor({ organisationId, listener }, category, subcategory)
  const delivery = {
    id,
    body,
    attemptNumber: last?.number ?? 1,
    place: {
      sequence,
      previousId: previous_id,
      gap: await gapBefore(ofUser(pools, organisationId, posted.user_id), organisationId, posted),
    },
    replay: replay_of !== null,
    traceparent,
  }
  const secrets = hook && last ? hook.secrets : []
  const headers = hookCalls.headersOf(secrets, delivery, last?.started_at ?? new Date())
  if (!last) for (const name of OF_AN_ATTEMPT) delete headers[name]
  else if (!hook) delete headers['webhook-signature']
  return { ...(hook && { url: hook.url }), headers, body }
}
