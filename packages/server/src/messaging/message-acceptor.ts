import { isDeepStrictEqual } from 'node:util'
import { faultPoint } from '../store/fault-points.js'
import { type Claim, claimKeys, type IdempotentCall, keepAnswers, releaseKeys } from '../store/idempotency.js'
import type { MessageRecord } from '../store/messages.js'
import type { Organisations } from '../store/organisations.js'
import type { SecretBox } from '../store/secret-box.js'
import type { UserRecord } from '../store/threads.js'
import type { UserChanges } from '../store/users.js'
import { acceptMessage, addMessage, type Caller, type IncomingMessage } from './accept-message.js'
import { keptAnswer, type Outcome, once, outcomeOf } from './once.js'
import { Refusal } from './refusal.js'
import { finish, openSessions, type ThreadSession, userKey } from './thread-session.js'
import type { Transactions, Work } from './work.js'

/** A message with all that its call came with. */
export interface MessageCall<Answer> {
  caller: Caller
  incoming: IncomingMessage
  key: IdempotentCall | null
  traceparent: string
  answer: (message: MessageRecord) => Answer
}

interface Waiting {
  call: MessageCall<unknown>
  resolve: (outcome: Outcome<unknown>) => void
  reject: (error: unknown) => void
}

/** Transactions at once. */
const CONCURRENT = 4
const MOST_IN_ONE = 128
/** While one is under way, another begins for so many messages, or for one that has waited so long: the fuller, the cheaper. */
const ENOUGH = 48
const LONGEST_WAIT_MS = 5
/** More than this is refused: it would only be answered when nobody waits for it any more. */
const MOST_WAITING = 2_000

/** Too much is waiting. The code is PostgreSQL's for a lack of resources: such a call can succeed later. */
class Overloaded extends Error {
  readonly code = '53000'
}

/**
 * Accepts messages, many in one transaction: those that arrive while others are being written share the next one, so that a message costs
 * the database less the more there are. A message that comes alone goes at once. Each is accepted or refused on its own.
 */
export class MessageAcceptor {
  readonly #transactions: Transactions
  readonly #organisations: Organisations
  readonly #box: SecretBox
  #waiting: Waiting[] = []
  #underWay = 0
  #timer: NodeJS.Timeout | undefined

  constructor(transactions: Transactions, organisations: Organisations, box: SecretBox) {
    this.#transactions = transactions
    this.#organisations = organisations
    this.#box = box
  }

  accept<Answer>(call: MessageCall<Answer>): Promise<Outcome<Answer>> {
    return new Promise((resolve, reject) => {
      if (this.#waiting.length >= MOST_WAITING) return reject(new Overloaded('Too many messages are waiting.'))
      this.#waiting.push({ call, resolve: resolve as Waiting['resolve'], reject })
      this.#next()
    })
  }

  #next(hurry = false): void {
    while (this.#waiting.length > 0 && this.#underWay < CONCURRENT) {
      if (!(hurry || this.#underWay === 0 || this.#waiting.length >= ENOUGH)) break
      const batch = this.#take()
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

  /** The first of those that wait; a key that is among them already stays for the next transaction. */
  #take(): Waiting[] {
    const batch: Waiting[] = []
    const left: Waiting[] = []
    const keys = new Set<string>()
    for (const waiting of this.#waiting) {
      const { key } = waiting.call
      const name = key && `${key.clientId} ${key.key}`
      if (batch.length === MOST_IN_ONE || (name && keys.has(name))) left.push(waiting)
      else {
        batch.push(waiting)
        if (name) keys.add(name)
      }
    }
    this.#waiting = left
    return batch
  }

  async #run(batch: Waiting[]): Promise<void> {
    try {
      const outcomes = await this.#transactions.run((work) =>
        this.#acceptAll(
          work,
          batch.map(({ call }) => call),
        ),
      )
      faultPoint('accept.after-commit')
      await Promise.all(
        batch.map((waiting, index) => {
          const outcome = outcomes[index]
          return outcome ? waiting.resolve(outcome) : this.#alone(waiting)
        }),
      )
    } catch (error) {
      // what one of them broke is not to be the others' failure
      if (batch.length === 1) batch[0]?.reject(error)
      else await Promise.all(batch.map((waiting) => this.#alone(waiting)))
    }
  }

  /** Undefined for a call that needs a transaction of its own. */
  async #acceptAll(work: Work, calls: MessageCall<unknown>[]): Promise<(Outcome<unknown> | undefined)[]> {
    const keyed = calls.flatMap(({ key }) => key ?? [])
    const claims = new Map<IdempotentCall, Claim>()
    for (const [index, claim] of (await claimKeys(work.client, this.#box, keyed, work.now)).entries()) {
      claims.set(keyed[index] as IdempotentCall, claim)
    }
    const before = calls.map(({ key }) => (key ? outcomeOf<unknown>(claims.get(key) as Claim) : null))
    const fresh = calls.filter((_, index) => !before[index])
    const sessions = await this.#open(work, fresh)
    const outcomes: (Outcome<unknown> | undefined)[] = []
    for (const [index, call] of calls.entries()) outcomes.push(before[index] ?? (await this.#add(sessions, call)))
    await finish(work, ...sessions.values())
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
    return outcomes
  }

  async #open(work: Work, calls: MessageCall<unknown>[]): Promise<Map<string, ThreadSession>> {
    const keys = new Map(
      calls.map(({ caller, incoming }) => [nameOf(caller, incoming), userKey(caller.organisationId, incoming.userId)]),
    )
    const sessions = await openSessions(work, this.#organisations, [...keys.values()])
    return new Map(sessions.map((session) => [nameOf(session.key, session.key), session]))
  }

  async #add(sessions: Map<string, ThreadSession>, call: MessageCall<unknown>): Promise<Outcome<unknown> | undefined> {
    const { caller, incoming, traceparent, answer } = call
    const session = sessions.get(nameOf(caller, incoming))
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

const nameOf = ({ organisationId }: { organisationId: string }, { userId }: { userId: string }) =>
  `${organisationId} ${userId}`

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
