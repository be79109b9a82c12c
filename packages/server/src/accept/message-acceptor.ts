import { isDeepStrictEqual } from 'node:util'
import type { Organisations } from '../accounts/organisations.js'
import { isUnavailable } from '../database/database.js'
import { faultPoint } from '../database/fault-points.js'
import type { SecretBox } from '../database/secret-box.js'
import { userKey } from '../lanes/user-key.js'
import { acceptMessage, addMessage, type Caller, type IncomingMessage } from './accept-message.js'
import { type Appending, appendMessages } from './append-messages.js'
import { type Claim, claimKeys, type IdempotentCall, keepAnswers, releaseKeys } from './idempotency.js'
import type { MessageRecord } from './messages.js'
import { keptAnswer, type Outcome, once, outcomeOf } from './once.js'
import { NotBegun, Refusal } from './refusal.js'
import { nameOf, RememberedThreads } from './remembered-threads.js'
import { finish, openSessions, type ThreadSession, type WrittenThread } from './thread-session.js'
import type { UserRecord } from './threads.js'
import type { UserChanges } from './users.js'
import type { Transactions, Work } from './work.js'

/** A message with all that its call came with. */
export interface MessageCall<Answer> {
  caller: Caller
  incoming: IncomingMessage
  key: IdempotentCall | null
  traceparent: string
  answer: (message: MessageRecord) => Answer
  /** When it came, by `performance.now()`. */
  since: number
  /** Nobody waits for the answer any more. */
  isGone: () => boolean
}

interface Waiting {
  /** Whose thread it is about. */
  name: string
  call: MessageCall<unknown>
  resolve: (outcome: Outcome<unknown>) => void
  reject: (error: unknown) => void
}

/** Batches at once. */
const CONCURRENT = 4
const MOST_IN_ONE = 128
/**
 * Another begins for so many messages for each that is under way, or for one that has waited so long: the fuller, the cheaper, while one
 * is worked out here as the database writes the one before.
 */
const ENOUGH = 14
const LONGEST_WAIT_MS = 5
/** What several calls have for one thread, worked out on what is remembered of it. */
interface Recalled {
  name: string
  session: ThreadSession
  calls: Waiting[]
  outcomes: Outcome<unknown>[]
}

/**
 * Accepts messages, many at a time: those that arrive while others are being written share the next statement, so that a message costs
 * the database less the more there are. A message that comes alone goes at once. Each is accepted or refused on its own.
 *
 * Where the thread is remembered and nothing follows from the message but its deliveries, one statement does it all, without a transaction
 * around it. Everything else, refusals included, is decided under the thread's lock.
 */
export class MessageAcceptor {
  readonly #transactions: Transactions
  readonly #organisations: Organisations
  readonly #box: SecretBox
  readonly #threads: RememberedThreads
  readonly #longestWait: number
  #waiting: Waiting[] = []
  /** Whose messages are being written: what comes for them meanwhile waits, so that it finds the thread as it is then. */
  readonly #busy = new Set<string>()
  #underWay = 0
  #timer: NodeJS.Timeout | undefined

  /** @param longestWait milliseconds after which a message that is not begun is refused: its caller would not wait for it */
  constructor(transactions: Transactions, organisations: Organisations, box: SecretBox, longestWait: number) {
    this.#longestWait = longestWait
    this.#transactions = transactions
    this.#organisations = organisations
    this.#box = box
    this.#threads = new RememberedThreads(organisations)
  }

  accept<Answer>(call: MessageCall<Answer>): Promise<Outcome<Answer>> {
    return new Promise((resolve, reject) => {
      const name = nameOf(call.caller, call.incoming)
      this.#waiting.push({ name, call, resolve: resolve as Waiting['resolve'], reject })
      this.#next()
    })
  }

  /** Those that came in order of their coming are looked at, so that it costs nothing where none waits too long. */
  #refuseLate(): void {
    const before = performance.now() - this.#longestWait
    let late = 0
    while (late < this.#waiting.length && (this.#waiting[late] as Waiting).call.since < before) late++
    if (late > 0) for (const { reject } of this.#waiting.splice(0, late)) reject(new NotBegun('too_late'))
  }

  #next(hurry = false): void {
    this.#refuseLate()
    while (this.#waiting.length > 0 && this.#underWay < CONCURRENT) {
      if (!hurry && this.#waiting.length < ENOUGH * this.#underWay) break
      const batch = this.#take()
      if (batch.length === 0) break
      this.#underWay++
      void this.#run(batch).finally(() => {
        this.#underWay--
        this.#next()
      })
    }
    if (this.#waiting.length === 0 || this.#timer) return
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      this.#next(true)
    }, LONGEST_WAIT_MS)
  }

  /** The first of those that wait, but for whose turn it is not: users that are being written, and keys that are among them already. */
  #take(): Waiting[] {
    const batch: Waiting[] = []
    const left: Waiting[] = []
    const keys = new Set<string>()
    const passedOver = new Set<string>()
    for (const waiting of this.#waiting) {
      const { name, call } = waiting
      if (call.isGone()) {
        waiting.reject(new NotBegun('caller_gone'))
        continue
      }
      const key = call.key && `${call.key.clientId} ${call.key.key}`
      const waits =
        batch.length === MOST_IN_ONE || this.#busy.has(name) || passedOver.has(name) || (key && keys.has(key))
      if (waits) {
        left.push(waiting)
        passedOver.add(name)
        continue
      }
      batch.push(waiting)
      if (key) keys.add(key)
    }
    for (const { name } of batch) this.#busy.add(name)
    this.#waiting = left
    return batch
  }

  async #run(batch: Waiting[]): Promise<void> {
    const now = new Date()
    const { recalled, others } = await this.#recall(batch, now)
    await Promise.all([this.#append(recalled, now), this.#acceptLocked(others)])
  }

  /** What can be worked out on threads as they are remembered. */
  async #recall(batch: readonly Waiting[], now: Date): Promise<{ recalled: Recalled[]; others: Waiting[] }> {
    const byUser = new Map<string, Waiting[]>()
    for (const waiting of batch) {
      const calls = byUser.get(waiting.name)
      if (calls === undefined) byUser.set(waiting.name, [waiting])
      else calls.push(waiting)
    }
    const recalled: Recalled[] = []
    const others: Waiting[] = []
    for (const [name, calls] of byUser) {
      const session = this.#threads.take(name, now)
      const outcomes = session && (await this.#outcomesOn(session, calls))
      if (session && outcomes) recalled.push({ name, session, calls, outcomes })
      else others.push(...calls)
    }
    return { recalled, others }
  }

  /** Undefined if it takes more than to append to the thread. */
  async #outcomesOn(session: ThreadSession, calls: readonly Waiting[]): Promise<Outcome<unknown>[] | undefined> {
    const outcomes: Outcome<unknown>[] = []
    for (const { call } of calls) {
      const outcome = await this.#add(session, call).catch(() => undefined)
      if (outcome === undefined || 'refusal' in outcome) return undefined
      outcomes.push(outcome)
    }
    return session.isMessagesOnly ? outcomes : undefined
  }

  async #append(recalled: readonly Recalled[], now: Date): Promise<void> {
    if (recalled.length === 0) return
    const passedOver: Waiting[] = []
    try {
      faultPoint('append.before-write')
      const { pool, wakeups } = this.#transactions
      const offer = wakeups.offer(now)
      const written = await appendMessages(pool, this.#box, now, recalled.map(toAppending), offer)
      faultPoint('append.after-write')
      offer.handOver(written.flatMap((thread) => thread?.leased ?? []))
      this.#transactions.wake(
        recalled.flatMap(({ session }, index) => (written[index]?.hasMore ? session.key.bucket : [])),
      )
      for (const [index, { calls, name, session, outcomes }] of recalled.entries()) {
        const thread = written[index]
        if (!thread) {
          passedOver.push(...calls)
          continue
        }
        this.#threads.keep(name, { ...session.appended, version: session.version + 1 }, thread.lanes)
        this.#free(calls)
        for (const [place, { resolve }] of calls.entries()) resolve(outcomes[place] as Outcome<unknown>)
      }
    } catch (error) {
      const calls = recalled.flatMap((each) => each.calls)
      // What became of it is not known: it must not be done again.
      if (isUnavailable(error)) this.#fail(calls, error)
      // A key that was used before, a deadlock: nothing was written, and under the locks it can be told apart.
      else passedOver.push(...calls)
    }
    await this.#acceptLocked(passedOver)
  }

  /** With the threads locked, in one transaction. */
  async #acceptLocked(batch: Waiting[]): Promise<void> {
    if (batch.length === 0) return
    try {
      const { outcomes, keep } = await this.#transactions.run((work) =>
        this.#acceptAll(
          work,
          batch.map(({ call }) => call),
        ),
      )
      faultPoint('accept.after-commit')
      keep()
      this.#free(batch)
      await Promise.all(
        batch.map((waiting, index) => {
          const outcome = outcomes[index]
          return outcome ? waiting.resolve(outcome) : this.#alone(waiting)
        }),
      )
    } catch (error) {
      // What one of them broke is not to be the others' failure; what became of a commit that was not answered is not known.
      if (batch.length === 1 || isUnavailable(error)) return this.#fail(batch, error)
      this.#free(batch)
      await Promise.all(batch.map((waiting) => this.#alone(waiting)))
    }
  }

  #free(calls: readonly Waiting[]): void {
    for (const { name } of calls) this.#busy.delete(name)
  }

  #fail(calls: readonly Waiting[], error: unknown): void {
    this.#free(calls)
    for (const { reject } of calls) reject(error)
  }

  /** An outcome is undefined for a call that needs a transaction of its own. `keep` is for once it is committed. */
  async #acceptAll(
    work: Work,
    calls: MessageCall<unknown>[],
  ): Promise<{ outcomes: (Outcome<unknown> | undefined)[]; keep: () => void }> {
    const keyed = calls.flatMap(({ key }) => key ?? [])
    const claims = new Map<IdempotentCall, Claim>()
    for (const [index, claim] of (await claimKeys(work.client, this.#box, keyed, work.now)).entries()) {
      claims.set(keyed[index] as IdempotentCall, claim)
    }
    const before = calls.map(({ key }) => (key ? outcomeOf<unknown>(claims.get(key) as Claim) : null))
    const fresh = calls.filter((_, index) => !before[index])
    const sessions = await this.#open(work, fresh)
    const outcomes: (Outcome<unknown> | undefined)[] = []
    for (const [index, call] of calls.entries()) {
      const session = sessions.get(nameOf(call.caller, call.incoming))
      outcomes.push(before[index] ?? (await this.#add(session, call)))
    }
    const written = await finish(work, ...sessions.values())
    const kept = calls.flatMap(({ key }, index) => {
      const outcome = outcomes[index]
      return key && outcome && !before[index] ? keptAnswer(key, outcome) : []
    })
    await keepAnswers(work.client, this.#box, kept)
    await releaseKeys(
      work.client,
      calls.flatMap(({ key }, index) => (key && !outcomes[index] ? key : [])),
    )
    faultPoint('accept.before-commit')
    const keep = () => {
      for (const [index, [name, session]] of [...sessions].entries()) {
        // What the listener calls the user was written beside the lanes that are known here.
        if (session.learned.learned.size > 0 || !session.isCurrent) continue
        const { version, lanes } = written[index] as WrittenThread
        this.#threads.keep(name, { ...session.written, version }, lanes)
      }
    }
    return { outcomes, keep }
  }

  async #open(work: Work, calls: MessageCall<unknown>[]): Promise<Map<string, ThreadSession>> {
    const keys = new Map(
      calls.map(({ caller, incoming }) => [nameOf(caller, incoming), userKey(caller.organisationId, incoming.userId)]),
    )
    const sessions = await openSessions(work, this.#organisations, [...keys.values()])
    return new Map(sessions.map((session) => [nameOf(session.key, session.key), session]))
  }

  async #add(session: ThreadSession | undefined, call: MessageCall<unknown>): Promise<Outcome<unknown> | undefined> {
    const { caller, incoming, traceparent, answer } = call
    if (incoming.user && (!session || tellsMore(incoming.user, session.user))) return undefined
    if (!session) return refused(new Refusal('user_not_found', `The organisation has no user ${incoming.userId}.`))
    session.traceparent = traceparent
    try {
      return { body: answer(await addMessage(session, caller, incoming)), replayed: false }
    } catch (error) {
      if (error instanceof Refusal) return refused(error)
      throw error
    }
  }

  async #alone({ call, resolve, reject }: Waiting): Promise<void> {
    const { caller, incoming, key, traceparent, answer } = call
    await this.#transactions
      .run(
        (work) =>
          once(work.client, this.#box, key, async () =>
            answer(await acceptMessage(work, this.#organisations, caller, incoming)),
          ),
        traceparent,
      )
      .then(resolve, reject)
  }
}

function toAppending({ session, calls, outcomes }: Recalled): Appending {
  const answers = calls.flatMap(({ call: { key } }, index) =>
    key ? keptAnswer(key, outcomes[index] as Outcome<unknown>) : [],
  )
  return {
    ...session.changes,
    version: session.version,
    configVersion: session.organisation.configVersion,
    answers,
  }
}

const refused = (refusal: Refusal): Outcome<never> => ({ refusal, replayed: false })

/** Does the platform tell anything of the user that is not known? It mostly repeats itself, and that needs no write. */
function tellsMore(changes: UserChanges, user: UserRecord): boolean {
  const differs = (told: string | null | undefined, known: string | null) => told !== undefined && told !== known
  return (
    differs(changes.third_party_user_id, user.thirdPartyUserId) ||
    differs(changes.user_name, user.userName) ||
    differs(changes.device_platform, user.devicePlatform) ||
    Object.entries(changes.details ?? {}).some(([name, value]) => !isDeepStrictEqual(value, user.details[name] ?? null))
  )
}
