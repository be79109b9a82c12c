import { hash, randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { OperationId } from '@tract/contract'
import { canonicalJson, type OperationRow, operations } from '@tract/contract'
import type { Caller } from '../accept/accept-message.js'
import { byteOfKey, type IdempotentCall } from '../accept/idempotency.js'
import { type CallResult, once } from '../accept/once.js'
import { NotBegun, Refusal } from '../accept/refusal.js'
import type { Work } from '../accept/work.js'
import type { AccountRecords } from '../accounts/accounts.js'
import type { Access } from '../authentication/token-verifier.js'
import { faultPoint } from '../database/fault-points.js'
import type { Queryable } from '../database/queryable.js'
import { overSlices, type Sliced } from '../database/slices.js'
import { bucketOf } from '../lanes/bucket.js'
import { parseTraceparent } from '../telemetry/tracing.js'
import type { Answer } from './answer.js'
import type { Services } from './services.js'

export interface CallOptions {
  operationId: OperationId
  requestId: string
  access: Access | null
  /** Of a call that reads its body by itself. */
  request: IncomingMessage
  body: unknown
  authorization: string | undefined
  idempotencyKey: string | undefined
  traceparent: string | undefined
  lastEventId: string | undefined
  /** Where headers go, and what is streamed. */
  reply: { header(name: string, value: string): unknown; hijack(): unknown; readonly raw: Answer }
}

/** What a transaction of a call is about. */
export interface About {
  /** The user whose data it changes, and the answer holds. */
  userId?: string
  /** The answer holds nothing of the user, and is kept when the user is erased. */
  outlivesUser?: boolean
  /** What a repetition has to be the same in, if not its body. */
  same?: unknown
}

/** One call of an operation: who calls, and the transaction that its handler runs in. */
export class Call {
  readonly #services: Services
  readonly #options: CallOptions
  #isRepeated = false
  #isOut = false

  constructor(services: Services, options: CallOptions) {
    this.#services = services
    this.#options = options
  }

  /** What goes out beside the body. */
  header(name: string, value: string): void {
    this.#options.reply.header(name, value)
  }

  /** Aborted when the caller has hung up before it was answered. */
  whenHungUp(): AbortSignal {
    const { raw } = this.#options.reply
    const controller = new AbortController()
    raw.once('close', () => raw.writableEnded || controller.abort())
    return controller.signal
  }

  /** For a streamed answer: its handler alone writes it. */
  takeOver(): ServerResponse {
    this.#options.reply.hijack()
    return this.#options.reply.raw
  }

  /** Gives the call's place to another: from here on it waits for something other than the service. */
  stepOut(): void {
    this.#isOut = true
    this.#options.reply.raw.left(undefined)
  }

  /** When the call was admitted, by `performance.now()`. */
  get enteredAt(): number {
    return this.#options.reply.raw.enteredAt
  }

  get isGone(): boolean {
    return this.#options.reply.raw.destroyed
  }

  /**
   * Called when the call's turn has come, before any work is done for it.
   * @throws {NotBegun} if it came too late, or its caller has hung up
   */
  #begin(): void {
    if (this.isGone) throw new NotBegun('caller_gone')
    const { longestWait } = this.#services.admission.settings
    if (!this.#isOut && performance.now() - this.enteredAt > longestWait) throw new NotBegun('too_late')
  }

  get request(): IncomingMessage {
    return this.#options.request
  }

  /** The id of the event after which a stream goes on. */
  get lastEventId(): string | undefined {
    return this.#options.lastEventId
  }

  get authorization(): string | undefined {
    return this.#options.authorization
  }

  /** What the call's token allows. For operations that need a token. */
  get access(): Access {
    const { access } = this.#options
    if (access) return access
    throw new Error('an operation without a token has no access')
  }

  /**
   * The organisation and listener that the token is bound to.
   * @throws {Refusal} `insufficient_scope` for an operator's client, which is bound to none
   */
  get caller(): Caller {
    const { organisationId, listener } = this.#options.access ?? {}
    if (organisationId && listener) return { organisationId, listener }
    throw new Refusal('insufficient_scope', 'The operation needs a client that is bound to a listener.')
  }

  /** Runs `work` in one transaction, once for each `Idempotency-Key`. */
  async transact<T>(work: (work: Work) => Promise<T>, about: About = {}): Promise<T> {
    const { transactions, box } = this.#services
    const outcome = await transactions.of(this.#bucketOf(about.userId)).run(async (unit) => {
      this.#begin()
      const result = await once(unit.client, box, this.idempotentCall(about), () => work(unit))
      faultPoint('call.before-commit')
      return result
    }, this.traceparent)
    faultPoint('call.after-commit')
    return this.settle(outcome)
  }

  /** The same with all slices: for what concerns deliveries or files of users that the call does not name. */
  transactOverSlices<T>(work: (work: Work, slices: Sliced<Queryable>) => Promise<T>): Promise<T> {
    return this.transact((unit) => overSlices(unit.client, this.#services.paths, (slices) => work(unit, slices)))
  }

  /** The same on accounts. */
  async provision<T>(work: (accounts: AccountRecords) => Promise<T>): Promise<T> {
    const outcome = await this.#services.accounts.transaction((accounts, db) =>
      once(db, this.#services.box, this.idempotentCall(), () => work(accounts)),
    )
    return this.settle(outcome)
  }

  /** Whether the call is a repetition that gets its first answer again. Known once it is settled. */
  get isRepeated(): boolean {
    return this.#isRepeated
  }

  /** The body of a result; throws its refusal. */
  settle<T>(result: CallResult<T>): T {
    if (result.replayed) {
      this.#isRepeated = true
      this.header('idempotency-replayed', 'true')
    }
    if ('refusal' in result) throw result.refusal
    return result.body
  }

  /** The key that the call came with, if its operation takes one. */
  idempotentCall({ userId, outlivesUser = false, same = this.#options.body }: About = {}): IdempotentCall | null {
    const { operationId, access, idempotencyKey } = this.#options
    if (idempotencyKey === undefined || !access || !(operations[operationId] as OperationRow).idempotent) return null
    const { clientId, organisationId } = access
    // an operator's key counts for one listener only
    const whom = access.isActing ? `\n${organisationId}/${access.listener}` : ''
    const requestHash = hash('sha256', `${operationId}${whom}\n${canonicalJson(same)}`, 'buffer')
    const bucket = this.#services.pools.bucketBeside(this.#bucketOf(userId), byteOfKey(clientId, idempotencyKey))
    const ofUser = outlivesUser ? null : (userId ?? null)
    return { bucket, clientId, key: idempotencyKey, operationId, requestHash, organisationId, userId: ofUser }
  }

  /** What concerns no user is done in the first slice. */
  #bucketOf(userId: string | undefined): number {
    return userId === undefined || this.#services.pools.all.length === 1
      ? 0
      : bucketOf(this.caller.organisationId, userId)
  }

  /** W3C trace context: the caller's, or a new one. */
  get traceparent(): string {
    const { traceparent } = this.#options
    if (traceparent !== undefined && parseTraceparent(traceparent)) return traceparent
    const trace = randomUUID().replaceAll('-', '')
    return `00-${trace}-${trace.slice(16)}-00`
  }
}
