import { setTimeout as sleep } from 'node:timers/promises'
import type { Erasure, Send } from '../history/history.js'
import { LISTENER_NAMES, type ListenerName } from '../plan/listeners.js'
import type { LoadItem } from '../plan/load.js'
import { Random } from '../random.js'
import type { Answered } from '../world/caller.js'
import { type Clock, inTime } from '../world/clock.js'
import type { Organisation } from '../world/organisation.js'
import type { Payload } from '../world/receiver.js'

/** Calls under way at the same time. */
const CALLERS = 300
/** How often the listener in control answers a user. */
const REPLIES = 0.25
/** A try that its caller has given up is over by then in every process. */
const TRIES_OVER_MS = 15_000

const TEXT = 'where is my order? It was to come on Monday, and the page still says that it is being packed.'

interface Message {
  token: string
  user: string
  path: string
  /** Fields beside the user and the text. */
  more: object
  givesUp?: boolean
  echoes?: boolean
}

/** What callers do to the API, and what they are answered. */
export class Traffic {
  readonly sends: Send[] = []
  readonly erasures: Erasure[] = []
  /** Calls that were refused, by status and code. */
  readonly refusals = new Map<string, number>()
  /** Calls that their caller gave up. */
  givenUp = 0
  readonly #turns = new Map<string, Promise<void>>()
  readonly #repeatedUsers = new Set<string>()
  readonly #underWay = new Set<Promise<void>>()

  constructor(
    private readonly organisation: Organisation,
    private readonly clock: Clock,
    private readonly seed: string,
  ) {}

  /** Plays what is planned, each at its time, or later where all callers are busy. */
  async play(items: readonly LoadItem[], isOver: () => boolean): Promise<void> {
    for await (const item of inTime(items, this.clock, isOver)) {
      while (this.#underWay.size >= CALLERS) await Promise.race(this.#underWay)
      if (isOver()) return
      const before = this.#turns.get(item.user)
      const inTurn = item.kind !== 'message' || item.inTurn
      const done = this.#begin(async () => {
        if (inTurn) await before
        await this.#carryOut(item)
      })
      this.#turns.set(item.user, done)
    }
  }

  /** Resolves when everything that was begun is answered. */
  async settled(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.all(this.#underWay)
  }

  get waiting(): number {
    return this.#underWay.size
  }

  /** The listener in control answers some of what users write, once each. */
  reply(listener: 'iva' | 'desk', { user_id: user, message_body, sender, in_control }: Payload): void {
    const token = message_body?.text?.split(' ', 1)[0]
    if (!in_control || sender !== 'ceu' || user === undefined || token === undefined) return
    if (user.startsWith('erased-') || !new Random(`${this.seed}/reply/${token}`).chance(REPLIES)) return
    const [as, path] = listener === 'iva' ? ['iva', '/platform/message/send/'] : ['aeu', '/tract/message/send/']
    this.#begin(() => this.#send(listener, { token: `r${token}`, user, path, more: { sender: as } }))
  }

  #begin(work: () => Promise<void>): Promise<void> {
    const done = work().finally(() => this.#underWay.delete(done))
    this.#underWay.add(done)
    return done
  }

  async #carryOut(item: LoadItem): Promise<void> {
    const { user, at, kind } = item
    switch (kind) {
      case 'message':
        return this.#send('md', { ...item, path: '/platform/message/send/', more: { sender: 'ceu', user: {} } })
      case 'pass': {
        const body = { user_id: user, type: 'pass', requester: 'iva', receiver: 'desk' }
        await this.#call('iva', '/tract/thread_control/request', body, `pass-${at}-${user}`)
        return
      }
      case 'complete': {
        const body = { user_id: user, type: 'conversation_state', subtype: 'complete' }
        await this.#call('desk', '/tract/event/send', body, `complete-${at}-${user}`)
        return
      }
      case 'erase':
        // A user's keys go with the user: a try that is still under way would be a new call.
        if (this.#repeatedUsers.has(user)) await sleep(TRIES_OVER_MS)
        await this.#call('md', '/platform/user/erase/', { user_id: user }, `erase-${user}`)
        this.erasures.push({ user, answeredAt: this.clock() })
    }
  }

  async #send(listener: ListenerName, { token, user, path, more, givesUp, echoes }: Message): Promise<void> {
    // Message delivery hears what is for its users; others hear everything but their own.
    const hearers = LISTENER_NAMES.filter((name) => name !== listener)
    const sender = listener === 'md' ? 'user' : 'listener'
    const send: Send = { token, user, sender, hearers, startedAt: this.clock(), answers: [] }
    this.sends.push(send)
    const body = { user_id: user, message_body: `${token} ${TEXT}`, ...more }
    const once = async (tries?: number) => {
      const answered = await this.#call(listener, path, body, `send-${token}`, tries)
      if (answered === null) return null
      const { status, body: answer } = answered
      send.answers.push({ at: this.clock(), status, messageId: status === 200 ? answer.message_id : null })
      return answered
    }
    const answered = await once(givesUp ? 1 : undefined)
    if (answered === null) {
      this.givenUp++
      return
    }
    if (answered.failures > 0) this.#repeatedUsers.add(user)
    if (echoes) await once()
  }

  async #call(listener: ListenerName, path: string, body: object, key: string, tries?: number) {
    const answered: Answered | null = await this.organisation.callers[listener].post(path, body, key, tries)
    if (answered !== null && answered.status !== 200) {
      const refusal = `${path} ${answered.status} ${answered.body.code}`
      this.refusals.set(refusal, (this.refusals.get(refusal) ?? 0) + 1)
    }
    return answered
  }
}
