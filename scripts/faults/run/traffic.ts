import { setTimeout as sleep } from 'node:timers/promises'
import type { Send, UploadedFile } from '../history/history.js'
import { HEARERS, type ListenerName } from '../plan/listeners.js'
import type { LoadItem } from '../plan/load.js'
import { Random } from '../random.js'
import { inTime } from '../world/clock.js'
import type { Payload } from '../world/receiver.js'
import type { Calls } from './calls.js'
import { correctSome } from './corrections.js'
import { upload } from './files.js'
import { rate } from './ratings.js'

/** Calls under way at the same time. */
const CALLERS = 300
/** How often the listener in control answers a user, and how often it names the conversation. */
const REPLIES = 0.25
const NAMED = 0.5
/** A try that its caller has given up is over by then in every process. */
const TRIES_OVER_MS = 15_000
/** Longer than any run. */
const VALID_SECONDS = 86_400

const TEXT = 'where is my order? It was to come on Monday, and the page still says that it is being packed.'

interface Message {
  token: string
  user: string
  path: string
  /** Fields beside the user and the text. */
  more: object
  conversation?: number
  files?: readonly UploadedFile[]
  givesUp?: boolean
  echoes?: boolean
}

/** What callers do to the API as it is planned, and the replies to what arrives. */
export class Traffic {
  /** Calls that their caller gave up. */
  givenUp = 0
  readonly #calls: Calls
  readonly #turns = new Map<string, Promise<void>>()
  readonly #repeatedUsers = new Set<string>()

  constructor(calls: Calls) {
    this.#calls = calls
  }

  /** Plays what is planned, each at its time, or later where all callers are busy. */
  async play(items: readonly LoadItem[], isOver: () => boolean): Promise<void> {
    const calls = this.#calls
    for await (const item of inTime(items, calls.clock, isOver)) {
      while (calls.waiting >= CALLERS) await calls.oneIsOver()
      if (isOver()) return
      const before = this.#turns.get(item.user)
      const inTurn = item.kind !== 'message' || item.inTurn
      const done = calls.begin(async () => {
        if (inTurn) await before
        await this.#carryOut(item)
      })
      this.#turns.set(item.user, done)
    }
  }

  /** The listener in control answers some of what users write, once each. */
  reply(listener: 'iva' | 'desk', payload: Payload): void {
    const { user_id: user, message_body, sender, in_control } = payload
    const token = message_body?.text?.split(' ', 1)[0]
    if (!in_control || sender !== 'ceu' || user === undefined || token === undefined) return
    const random = new Random(`${this.#calls.seed}/reply/${token}`)
    if (user.startsWith('erased-') || !random.chance(REPLIES)) return
    // the platform's call does not name a conversation
    const isNamed = listener === 'desk' && random.chance(NAMED)
    this.#calls.begin(() => this.answer(listener, `r${token}`, isNamed ? payload : { user_id: user }))
  }

  /** @param to what it answers: it is meant for that conversation, if it says which */
  answer(listener: 'iva' | 'desk', token: string, to: Payload): Promise<void> {
    const { user_id: user = '', conversation_number: number } = to
    const [sender, path] = listener === 'iva' ? ['iva', '/platform/message/send/'] : ['aeu', '/tract/message/send/']
    const meant = number === undefined ? {} : { conversation: Number(number) }
    return this.#send(listener, { token, user, path, more: { sender, conversation_number: number }, ...meant })
  }

  async #carryOut(item: LoadItem): Promise<void> {
    const { user, at, kind } = item
    const calls = this.#calls
    switch (kind) {
      case 'message':
        return this.#send('md', { ...item, path: '/platform/message/send/', more: { sender: 'ceu', user: {} } })
      case 'file':
        return this.#sendFile(item)
      case 'pass':
      case 'offer':
        return this.#giveControl(item)
      case 'complete': {
        const body = { user_id: user, type: 'conversation_state', subtype: 'complete' }
        await calls.post('desk', '/tract/event/send', body, `complete-${at}-${user}`)
        return
      }
      case 'rate':
        return rate(calls, item.token, { user })
      case 'availability': {
        const { isOpen } = item
        const body = { status: isOpen ? 'open' : 'closed', valid_for_seconds: VALID_SECONDS }
        const said = { isOpen, startedAt: calls.clock(), answeredAt: Number.POSITIVE_INFINITY }
        calls.seen.availability.push(said)
        await calls.post('desk', '/tract/availability/set/', body, `${kind}-${at}`)
        said.answeredAt = calls.clock()
        return
      }
      case 'erase':
        // A user's keys go with the user: a try that is still under way would be a new call.
        if (this.#repeatedUsers.has(user)) await sleep(TRIES_OVER_MS)
        await calls.post('md', '/platform/user/erase/', { user_id: user }, `erase-${user}`)
        calls.seen.erasures.push({ user, answeredAt: calls.clock() })
    }
  }

  async #giveControl(item: Extract<LoadItem, { kind: 'pass' | 'offer' }>): Promise<void> {
    const { user, at, kind } = item
    const calls = this.#calls
    const more = item.kind === 'offer' ? { expires_in: item.within, receivers: item.receivers } : {}
    const receiver = item.kind === 'offer' ? item.receivers[0] : 'desk'
    const body = { user_id: user, type: kind, requester: 'iva', receiver, ...more }
    const answered = await calls.post('iva', '/tract/thread_control/request', body, `${kind}-${at}-${user}`)
    if (answered?.status !== 200) return
    const { startedAt, answeredAt, body: answer } = answered
    const made = kind === 'pass' ? answer.epoch : answer.offer?.offer_number
    const code = answer.reason?.code ?? null
    calls.seen.controls.push({ user, kind, startedAt, answeredAt, granted: made ?? null, code })
    if (item.kind === 'pass' || item.withdrawnAfterMs === null || made === undefined) return
    await sleep(item.withdrawnAfterMs)
    const event = { user_id: user, type: 'thread_control', subtype: 'withdrawn' }
    await calls.post('iva', '/platform/event/send/', event, `withdraw-${at}-${user}`)
  }

  async #sendFile({ user, at, token, bytes }: Extract<LoadItem, { kind: 'file' }>): Promise<void> {
    const file = await upload(this.#calls, `file-${at}-${user}`, bytes)
    if (token === null) return
    const more = { sender: 'ceu', user: {}, attachments: [{ id: file.id }] }
    await this.#send('md', { token, user, path: '/platform/message/send/', more, files: [file] })
  }

  async #send(listener: ListenerName, message: Message): Promise<void> {
    const { token, user, path, more, conversation, files = [], givesUp, echoes } = message
    const { clock, seen } = this.#calls
    // Message delivery hears what is for its users; others hear everything but their own.
    const hearers = HEARERS.filter((name) => name !== listener)
    const sender = listener === 'md' ? 'user' : 'listener'
    const meant = conversation === undefined ? {} : { conversation }
    const send: Send = { token, user, sender, hearers, ...meant, startedAt: clock(), answers: [] }
    seen.sends.push(send)
    const body = { user_id: user, message_body: `${token} ${TEXT}`, ...more }
    const once = async (tries?: number) => {
      const answered = await this.#calls.post(listener, path, body, `send-${token}`, tries)
      if (answered === null) return null
      const { status, body: answer, answeredAt: at } = answered
      const result = status === 200 ? { messageId: answer.message_id } : { messageId: null, code: answer.code }
      send.answers.push({ at, status, ...result })
      return answered
    }
    const answered = await once(givesUp ? 1 : undefined)
    if (answered === null) {
      this.givenUp++
      return
    }
    for (const file of files) Object.assign(file, { user, message: token })
    if (answered.failures > 0) this.#repeatedUsers.add(user)
    if (echoes) await once()
    if (answered.status !== 200) return
    const said = { user, messageId: answered.body.message_id, message: token, hearers }
    this.#calls.begin(() => correctSome(this.#calls, listener, said))
  }
}
