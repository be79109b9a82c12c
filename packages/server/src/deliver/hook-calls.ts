import type { HookTestResult } from '@tract/contract'
import { STREAM_URL } from '../accounts/hooks.js'
import type { HookDirectory } from './hook-directory.js'
import { type Passing, PassingSender } from './passing.js'
import type { EgressAllow } from './send/address-rules.js'
import { isCreateUser } from './send/ect-user-id.js'
import { vetUrl } from './send/egress-guard.js'
import { sendTest } from './send/hook-test.js'
import type { HookUrl } from './send/hook-url.js'
import type { OutgoingDelivery } from './send/request-headers.js'
import type { Sender } from './send/sender.js'
import { secretBytes } from './send/signing.js'
import type { StreamTarget } from './streams/stream-transport.js'

export interface HookCallParts {
  sender: Sender
  hooks: HookDirectory
  egress: EgressAllow
  wakeListener: HookCalls['wakeListener']
  probeListener: HookCalls['probeListener']
}

export interface TestedHook extends StreamTarget {
  url: string
  secrets: readonly string[]
}

/** What the API asks of the delivery engine. */
export interface HookCalls {
  /** The form in which a URL is called, or why it is not one to call. */
  vetUrl(url: string): Promise<HookUrl>
  test(hook: TestedHook, body: string): Promise<HookTestResult>
  /** Posts what is not kept, once. @returns whether it goes out */
  pass(passing: Passing): Promise<boolean>
  /** Of an attempt that was made, or could be, by name. */
  headersOf(secrets: readonly string[], delivery: OutgoingDelivery, startedAt: Date): Record<string, string>
  /** Has a listener's lanes looked at again: something happened to its hooks. */
  wakeListener(organisationId: string, listener: string): Promise<void>
  /** Has what waits for a listener tried now, open breaker or not. */
  probeListener(organisationId: string, listener: string): void
}

export function hookCalls({ sender, hooks, egress, wakeListener, probeListener }: HookCallParts): HookCalls {
  const passing = new PassingSender(hooks, sender)
  return {
    vetUrl: async (url) => (url === STREAM_URL ? { url } : vetUrl(url, egress)),
    test: ({ url, secrets, ...stream }, body) => {
      const target = { url, secrets: secrets.map(secretBytes), ...(url === STREAM_URL && { stream }) }
      return sendTest(sender, target, { body, reads: isCreateUser(stream) ? 'ect_user_id' : undefined })
    },
    pass: (one) => passing.pass(one),
    headersOf: (secrets, delivery, startedAt) => sender.headersOf(secrets.map(secretBytes), delivery, startedAt),
    wakeListener,
    probeListener,
  }
}
