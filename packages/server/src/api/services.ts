import type { SandboxState } from '@tract/contract'
import type pg from 'pg'
import type { MessageAcceptor } from '../accept/queue/message-acceptor.js'
import type { Transactions } from '../accept/work.js'
import type { Accounts } from '../accounts/accounts.js'
import type { Credentials } from '../accounts/first-start.js'
import type { Organisations } from '../accounts/organisations.js'
import type { Attachments } from '../attachments/attachments.js'
import type { Authentication } from '../authentication/authentication.js'
import type { Config } from '../config.js'
import type { SecretBox } from '../database/secret-box.js'
import type { Sliced } from '../database/slices.js'
import type { RetryPolicy } from '../deliver/health/retry-policy.js'
import type { HookCalls } from '../deliver/hook-calls.js'
import type { HookStreams } from '../deliver/streams/hook-streams.js'
import type { Telemetry } from '../telemetry/telemetry.js'
import type { ChangeStreams } from '../views/change-streams.js'
import type { Admission } from './admission.js'
import type { Exports } from './exports/exports.js'
import type { RateLimits } from './rate-limit.js'
import type { Readiness } from './readiness.js'
import type { HttpLimits } from './server.js'

/** Everything that handlers need. */
export interface Services {
  config: Config
  /** Of the first slice: for what belongs to organisations. */
  pool: pg.Pool
  pools: Sliced<pg.Pool>
  /** The search paths of slices: see `overSlices`. */
  paths: Sliced<string | null>
  accounts: Accounts
  box: SecretBox
  organisations: Organisations
  transactions: Sliced<Transactions>
  acceptors: Sliced<MessageAcceptor>
  attachments: Attachments
  authentication: Authentication
  hookCalls: HookCalls
  /** By which deliveries are tried again. */
  retryPolicy: RetryPolicy
  hookStreams: HookStreams
  changes: ChangeStreams
  exports: Exports
  /** A client with which readers of the documents may try calls; null: they bring their own. */
  tryAs: Credentials | null
  sandbox: SandboxState
  telemetry: Telemetry
  readiness: Readiness
  httpLimits: Partial<HttpLimits>
  admission: Admission
  rateLimits: RateLimits
}
