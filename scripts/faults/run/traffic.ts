import { setTimeout as sleep } from 'node:timers/promises'
import type { Erasure, Send } from '../history/history.js'
import type { LoadItem } from '../plan/load.js'
import { LISTENER_NAMES, type ListenerName } from '../plan/plan.js'
import { Random } from '../random.js'
import type { Answered } from '../world/caller.js'
import type { Clock } from '../world/clock.js'
import type { Organisation } from '../world/organisation.js'
import type { Payload } from '../world/receiver.js'

/** Calls under way at once. */
const CALLERS = 300
/** How often the listener in control answers a user. */
const REPLIES = 0.25
/** A try that nobody waits for any more is over by then, wherever it stands. */
const TRIES_OVER_MS = 15_000

const TEXT = 'where is my order? It was to come on Monday, and the page still says that it is being packed.'

/** What callers do to the API, and what they are answered. */
export class Traffic {
  readonly sends: Send[] = []
  readonly erasures: Erasure[] = []
  /** Calls that were refused, by status and code. */
  readonly refusals = new Map<string, number>()
  /** Calls that their caller gave up. */
  givenUp = 0
  readonly #organisation: Organisation
  readonly #clock: Clock
  readonly #seed: string
  readonly #turns = new Map<string, Promise<void>>()
  readonly #repeatedUsers = new Set<string>()
  readonly #underWay = new Set<Promise<void>>()

  constructor(organisation: Organisation, clock: Clock, seed: string) {
    this.#organisation = organisation
    this.#clock = clock
    this.#seed = seed
  }

  /** Plays what is planned, each at its time, or later where callers have their hands full. */
  async play(items: readonly LoadItem[], isOver: () => boolean): Promise<void> {
    const began = this.#clock()
    for (const item of items) {
      const early = began + item.at - this.#clock()
      if (early > 0) await sleep(early)
      while (this.#underWay.size >= CALLERS) await Promise.race(this.#underWay)
      if (isOver()) return
      this.#begin(item)
    }
  }

  /** Resolves when everything is answered that was begun. */
  async settled(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.all(this.#underWay)
  }

  get waiting(): number {
    return this.#underWay.size
  }

  /** The listener in control answers some of what users write; the delivery's repetitions do not make it answer again. */
  reply(listener: ListenerName, { user_id: user, message_body, sender, in_control }: Payload): void {
    const token = message_body?.text?.split(' ', 1)[0]
    if (!in_control || sender !== 'ceu' || user === undefined || token === undefined) return
    if (user.startsWith('erased-') || !new Random(`${this.#seed}/reply/${token}`).chance(REPLIES)) return
    this.#do(async () => {
      const as = listener === 'iva' ? 'iva' : 'aeu'
      const path = listener === 'iva' ? '/platform/message/send/' : '/tract/message/send/'
      await this.#send(listener, `r${token}`, user, path, { sender: as }, {})
    })
  }

  #begin(item: LoadItem): void {
    const { user } = item
    const before = this.#turns.get(user)
    const inTurn = item.kind !== 'message' || item.inTurn
    const done = this.#do(async () => {
      if (inTurn) await before
      await this.#carryOut(item)
    })
    this.#turns.set(user, done)
  }

  #do(work: () => Promise<void>): Promise<void> {
    const done = work().finally(() => this.#underWay.delete(done))
    this.#underWay.add(done)
    return done
  }

  async #carryOut(item: LoadItem): Promise<void> {
    const { user } = item
    switch (item.kind) {
      case 'message':
        return this.#send('md', item.token, user, '/platform/message/send/', { sender: 'ceu', user: {} }, item)
      case 'pass': {
        const body = { user_id: user, type: 'pass', requester: 'iva', receiver: 'desk' }
        return void (await this.#call('iva', '/tract/thread_control/request', body, `pass-${item.at}-${user}`))
      }
      case 'complete': {
        const body = { user_id: user, type: 'conversation_state', subtype: 'complete' }
        return void (await this.#call('desk', '/tract/event/send', body, `complete-${item.at}-${user}`))
      }
      case 'erase': {
        // A user's keys go with the user: a try that is still under way somewhere would be a new call.
        if (this.#repeatedUsers.has(user)) await sleep(TRIES_OVER_MS)
        await this.#call('md', '/platform/user/erase/', { user_id: user }, `erase-${user}`)
        this.erasures.push({ user, answeredAt: this.#clock() })
      }
    }
  }

  async #send(
    listener: ListenerName,
    token: string,
    user: string,
    path: string,
    more: object,
    { givesUp = false, echoes = false }: { givesUp?: boolean; echoes?: boolean },
  ): Promise<void> {
    // Message delivery brings users' messages and hears what is for them; everybody else hears everything but their own.
    const hearers = LISTENER_NAMES.filter((name) => name !== listener)
    const sender = listener === 'md' ? 'user' : 'listener'
    const send: Send = { token, user, sender, hearers, startedAt: this.#clock(), answers: [] }
    this.sends.push(send)
    const body = { user_id: user, message_body: `${token} ${TEXT}`, ...more }
    const answered = await this.#call(listener, path, body, `send-${token}`, givesUp ? 1 : undefined)
    if (answered === null) this.givenUp++
    if (answered !== null && answered.failures > 0) this.#repeatedUsers.add(user)
    if (answered !== null) this.#note(send, answered)
    if (answered === null || !echoes) return
    const echo = await this.#call(listener, path, body, `send-${token}`)
    if (echo !== null) this.#note(send, echo)
  }

  #note(send: Send, { status, body }: Answered): void {
    send.answers.push({ at: this.#clock(), status, messageId: status === 200 ? body.message_id : null })
  }

  async #call(
    listener: ListenerName,
    path: string,
    body: object,
    key: string,
    tries = Number.POSITIVE_INFINITY,
  ): Promise<Answered | null> {
    const answered = await this.#organisation.callers[listener].post(path, body, key, tries)
    if (answered !== null && answered.status !== 200) {
      const refusal = `${path} ${answered.status} ${answered.body.code}`
      this.refusals.set(refusal, (this.refusals.get(refusal) ?? 0) + 1)
    }
    return answered
  }
}
