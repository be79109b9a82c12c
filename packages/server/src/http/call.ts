import { createHash, randomBytes } from 'node:crypto'
import type { ErrorCode, OperationId } from '@tract/contract'
import { operations } from '@tract/contract'
import type { Access } from '../authentication/token-verifier.js'
import type { Caller } from '../messaging/accept-message.js'
import { Refusal } from '../messaging/refusal.js'
import type { Work } from '../messaging/work.js'
import { claimKey, type IdempotentCall, keepAnswer } from '../store/idempotency.js'
import { type PrismaTransaction, queryableOf } from '../store/prisma.js'
import type { Queryable } from '../store/queryable.js'
import type { Services } from './services.js'

const TRACEPARENT = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/

export interface CallOptions {
  operationId: OperationId
  requestId: string
  access: Access | null
  body: unknown
  authorization: string | undefined
  idempotencyKey: string | undefined
  traceparent: string | undefined
}

type Outcome<T> = { result: T } | { refusal: Refusal }

/** One call of an operation: who calls, and the transaction that its handler runs in. */
export class Call {
  /** What goes out beside the body. */
  readonly headers: Record<string, string> = {}
  readonly #services: Services
  readonly #options: CallOptions

  constructor(services: Services, options: CallOptions) {
    this.#services = services
    this.#options = options
  }

  get authorization(): string | undefined {
    return this.#options.authorization
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

  /** Runs `work` in one transaction, once for each `Idempotency-Key`. `userId`: whose data the answer holds. */
  async transact<T>(work: (work: Work) => Promise<T>, userId: string | null = null): Promise<T> {
    const outcome = await this.#services.transactions.run(
      (unit) => this.#once(unit.client, userId, () => work(unit)),
      this.#traceparent(),
    )
    return this.#settle(outcome)
  }

  /** The same through Prisma, for what is not hot. */
  async provision<T>(work: (transaction: PrismaTransaction) => Promise<T>): Promise<T> {
    const outcome = await this.#services.prisma.$transaction(
      (transaction) => this.#once(queryableOf(transaction), null, () => work(transaction)),
      { timeout: 15_000, maxWait: 5_000 },
    )
    return this.#settle(outcome)
  }

  async #once<T>(queryable: Queryable, userId: string | null, run: () => Promise<T>): Promise<Outcome<T>> {
    const call = this.#idempotentCall(userId)
    if (!call) return { result: await run() }
    const { box } = this.#services
    const claim = await claimKey(queryable, box, call, new Date())
    if (claim.kind === 'reused') {
      throw new Refusal('idempotency_key_reused', 'The Idempotency-Key was used with another body within 24 hours.')
    }
    if (claim.kind === 'repeated') {
      this.headers['idempotency-replayed'] = 'true'
      if (claim.answer.status === 200) return { result: claim.answer.body as T }
      const { code, error, issues } = claim.answer.body as {
        code: ErrorCode
        error: string
        issues?: Refusal['issues']
      }
      return { refusal: new Refusal(code, error, issues) }
    }
    // A refusal is an answer too: what it had begun is undone, and the key kept with it.
    await queryable.query({ text: 'savepoint handler' })
    try {
      const result = await run()
      await keepAnswer(queryable, box, call, { status: 200, body: result })
      return { result }
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      await queryable.query({ text: 'rollback to savepoint handler' })
      const { code, message, issues } = error
      await keepAnswer(queryable, box, call, { status: 400, body: { code, error: message, issues } })
      return { refusal: error }
    }
  }

  #settle<T>(outcome: Outcome<T>): T {
    if ('refusal' in outcome) throw outcome.refusal
    return outcome.result
  }

  #idempotentCall(userId: string | null): IdempotentCall | null {
    const { operationId, access, idempotencyKey, body } = this.#options
    if (idempotencyKey === undefined || !access || !operations[operationId].idempotent) return null
    const requestHash = createHash('sha256')
      .update(`${operationId}\n${JSON.stringify(body)}`)
      .digest()
    const { clientId, organisationId } = access
    return { clientId, key: idempotencyKey, operationId, requestHash, organisationId, userId }
  }

  #traceparent(): string {
    const { traceparent } = this.#options
    if (traceparent !== undefined && TRACEPARENT.test(traceparent)) return traceparent
    return `00-${randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-00`
  }
}
