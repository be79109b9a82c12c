import { STREAM_URL } from './accounts/hooks.js'
import type { HookCalls } from './api/services.js'
import type { EgressAllow } from './deliver/send/address-rules.js'
import { isCreateUser } from './deliver/send/ect-user-id.js'
import { vetUrl } from './deliver/send/egress-guard.js'
import { sendTest } from './deliver/send/hook-test.js'
import type { Sender } from './deliver/send/sender.js'
import { secretBytes } from './deliver/send/signing.js'
import type { Wakeups } from './lanes/wakeups.js'

export interface HookCallParts {
  sender: Sender
  egress: EgressAllow
  wakeups: Wakeups
  wakeListener: HookCalls['wakeListener']
}

/** What the API needs of the delivery engine. */
export function hookCalls({ sender, egress, wakeups, wakeListener }: HookCallParts): HookCalls {
  return {
    vetUrl: async (url) => (url === STREAM_URL ? { url } : vetUrl(url, egress)),
    wakeListener,
    probeListener: (organisationId, listener) => wakeups.wakeListener(organisationId, listener),
    headersOf: ({ secrets, delivery, startedAt }) => sender.headersOf(secrets.map(secretBytes), delivery, startedAt),
    test: async ({ url, secrets, ...stream }, body) => {
      const keys = secrets.map(secretBytes)
      const hook = { url, secrets: keys, ...(url === STREAM_URL && { stream }) }
      const result = await sendTest(sender, hook, { body, learnsId: isCreateUser(stream) })
      return {
        acknowledged: result.acknowledged,
        durationMs: result.durationMs,
        ...(result.atFault !== undefined && { atFault: result.atFault }),
        ...(result.status !== null && { status: result.status }),
        ...(result.error !== null && { error: result.error }),
        ...(result.answer !== null && { answer: result.answer }),
      }
    },
  }
}
