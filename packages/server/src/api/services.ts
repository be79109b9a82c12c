import type { SandboxState, StreamedAnswers } from '@tract/contract'
import type pg from 'pg'
import type { MessageAcceptor } from '../accept/message-acceptor.js'
import type { Transactions } from '../accept/work.js'
import type { Accounts } from '../accounts/accounts.js'
import type { Credentials } from '../accounts/first-start.js'
import type { ListedHook } from '../accounts/hooks.js'
import type { ListenerKey } from '../accounts/listeners.js'
import type { Organisations } from '../accounts/organisations.js'
import type { Authentication } from '../authentication/authentication.js'
import type { Config } from '../config.js'
import type { SecretBox } from '../database/secret-box.js'
import type { HookUrl } from '../deliver/send/hook-url.js'
import type { Telemetry } from '../telemetry/telemetry.js'
import type { ChangeStreams } from '../views/change-streams.js'
import type { Admission } from './admission.js'
import type { Readiness } from './readiness.js'
import type { HttpLimits } from './server.js'

/** What became of one attempt outside of every lane. */
export interface HookTest {
  acknowledged: boolean
  status?: number
  durationMs: number
  atFault?: string
  error?: string
  answer?: string
}

export interface TestedHook {
  url: string
  secrets: string[]
  organisationId: string
  listener: string
  category: string
  subcategory: string
}

/** An attempt at a delivery, as far as its headers tell of it. */
export interface SignedAttempt {
  secrets: string[]
  delivery: {
    id: string
    body: string
    attempt: number
    place: { sequence: number; previousId: string | null; gap: { from: number; to: number } | undefined }
    replay: boolean
    traceparent: string | null
  }
  startedAt: Date
}

/** What the API needs of the delivery engine, which stands beside it. */
export interface HookCalls {
  /** The form in which a URL is called, or why it is not one to call. */
  vetUrl(url: string): Promise<HookUrl>
  test(hook: TestedHook, body: string): Promise<HookTest>
  /** By name. */
  headersOf(attempt: SignedAttempt): Record<string, string>
  /** Something happened to a listener's hooks: its lanes are to be looked at again. */
  wakeListener(organisationId: string, listener: string): Promise<void>
  /** Somebody wants what waits for a listener to be tried now, whatever its endpoint did before. */
  probeListener(organisationId: string, listener: string): void
}

export interface StreamPart {
  stream: string
  attempts: {
    id: string
    category: string
    subcategory: string
    expiresAt: Date
    headers: Record<string, string>
    body: string
  }[]
}

/** The listeners' side of attempts that they fetch. */
export interface HookStreams {
  /** Opens a stream where none is named. Null: the one that is named has ended. */
  next(
    owner: ListenerKey,
    options: { stream: string | undefined; holding: readonly string[]; waitMs: number; hungUp: AbortSignal },
  ): Promise<StreamPart | null>
  /** The hooks that go back to the URLs that they had. Null: it is not the newest of its listener. */
  end(owner: ListenerKey, stream: string, how: 'give_back' | 'keep'): Promise<ListedHook[] | null>
  /** Answers which were too late. */
  answer(owner: ListenerKey, answers: readonly StreamedAnswers['answers'][number][]): Promise<string[]>
  /** Calls that wait are answered now: the service stops. */
  release(): void
}

/** Everything that handlers are made of. */
export interface Services {
  config: Config
  pool: pg.Pool
  accounts: Accounts
  box: SecretBox
  organisations: Organisations
  transactions: Transactions
  acceptor: MessageAcceptor
  authentication: Authentication
  hookCalls: HookCalls
  hookStreams: HookStreams
  changes: ChangeStreams
  /** A client that whoever reads the documents may try calls with; null: they bring their own. */
  tryAs: Credentials | null
  sandbox: SandboxState
  telemetry: Telemetry
  readiness: Readiness
  httpLimits: Partial<HttpLimits>
  admission: Admission
}
