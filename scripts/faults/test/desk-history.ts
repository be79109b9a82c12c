import type { History, Receipt } from '../history/history.js'
import { Random } from '../random.js'
import { emptyHistory, PLAIN, PORTS } from './right-history.js'

export const USERS = ['asha', 'ravi', 'mira'] as const
export const ERASED = 'erased'
const ENDS = ['accepted', 'declined', 'expired', 'withdrawn'] as const

/** The desk is open at first, closed from here on, and open again. */
export const CLOSED_AT = 50_000
const REOPENED_AT = 60_000

type Told = Partial<Pick<Receipt, 'offer' | 'to' | 'epoch' | 'reason' | 'token' | 'messageId' | 'files'>>

/**
 * A history of a desk in which every promise was kept: of each user, offers that end in each way, a pass, files, a
 * conversation that the desk ends and in which it says something too late, and the next conversation.
 */
export function deskHistory(seed: string): History {
  const history = emptyHistory()
  const random = new Random(seed)
  const said = (isOpen: boolean, at: number) => ({ isOpen, startedAt: at, answeredAt: at + 20 })
  history.availability.push(said(true, 0), said(false, CLOSED_AT), said(true, REOPENED_AT))
  for (const user of USERS) new Story(history, user).tell(random.of(user))
  new Story(history, ERASED).eraseWithFile()
  return history
}

/** What happens to one user, in its order. */
class Story {
  #at = 1_000
  #epoch = 1
  #messages = 0

  constructor(
    private readonly history: History,
    private readonly user: string,
  ) {}

  tell(random: Random): void {
    const { user, history } = this
    this.#message(1, 'file')
    random.shuffled(ENDS).forEach((end, index) => {
      this.#offer(index + 1, end)
    })
    this.#pass(CLOSED_AT - 10_000)
    this.#end()
    this.#message(2)
    history.stored.conversations.push(
      { user, conversation: 1, isClosed: true, present: 0, token: `${user}-end` },
      { user, conversation: 2, isClosed: false, present: 1, token: null },
    )
    this.#at = CLOSED_AT + 2_000
    history.controls.push({ ...this.#call('pass'), granted: null, code: 'receiver_closed' })
    this.#pass(REOPENED_AT + 2_000)
    history.files.push({ id: `${user}-unnamed`, sha256: 'waits', user: null })
    history.stored.attachments.push(`${user}-unnamed`)
    history.stored.inStore.push({ id: `${user}-unnamed`, sha256: 'waits' })
    // begun, and given up
    history.stored.strays.push(`${user}-stray`)
    history.stored.inStore.push({ id: `${user}-stray`, sha256: 'half' })
  }

  eraseWithFile(): void {
    const { user, history } = this
    this.#message(1, 'file')
    history.erasures.push({ user, answeredAt: this.#at })
    for (const list of [history.stored.messages, history.stored.lanes, history.stored.deliveries])
      list.splice(0, list.length, ...((list as { user: string }[]).filter((one) => one.user !== user) as never[]))
    const isOurs = (id: string) => id.startsWith(user)
    history.stored.attachments = history.stored.attachments.filter((id) => !isOurs(id))
    history.stored.inStore = history.stored.inStore.filter(({ id }) => !isOurs(id))
  }

  #call(kind: 'pass' | 'offer') {
    const startedAt = this.#at
    return { user: this.user, kind, startedAt, answeredAt: startedAt + 20 }
  }

  #message(conversation: number, file?: string): void {
    const { user, history } = this
    const token = `${user}-m${++this.#messages}`
    const messageId = this.#messages
    const files = file === undefined ? [] : [{ id: `${user}-${file}`, sha256: `bytes of ${user}` }]
    history.sends.push({
      token,
      user,
      sender: 'user',
      hearers: ['iva', 'desk', 'observer'],
      startedAt: this.#at,
      answers: [{ at: this.#at + 20, status: 200, messageId }],
    })
    history.stored.messages.push({ user, token, messageId, conversation })
    for (const named of files) {
      history.files.push({ ...named, user })
      history.stored.attachments.push(named.id)
      history.stored.inStore.push(named)
      history.downloads.push({ id: named.id, user, listener: 'desk', status: 200, sha256: named.sha256 })
    }
    for (const listener of ['iva', 'desk', 'observer'])
      this.#told(listener, 'message/receive', { token, messageId, files })
    this.#at += 1_000
  }

  #offer(number: number, end: (typeof ENDS)[number]): void {
    const { user, history } = this
    history.controls.push({ ...this.#call('offer'), granted: number, code: null })
    const tell = (subtype: string, ...listeners: string[]) => {
      for (const listener of listeners) this.#told(listener, `thread_control/${subtype}`, { offer: number, to: 'desk' })
    }
    tell('offered', 'desk', 'observer')
    if (end === 'accepted') tell(end, 'iva', 'observer')
    if (end === 'declined') tell(end, 'iva', 'observer')
    if (end === 'expired') tell(end, 'iva', 'desk', 'observer')
    if (end === 'withdrawn') tell(end, 'desk', 'observer')
    if (end === 'accepted') this.#assigned('accepted')
    const answer = end === 'declined' ? 'declined' : 'accepted'
    const isTaken = end === 'declined' || end === 'accepted'
    history.offerAnswers.push({ user, number, answer, isTaken })
    this.#at += 1_000
  }

  #assigned(reason: string): void {
    const epoch = ++this.#epoch
    for (const listener of ['desk', 'observer']) this.#told(listener, 'thread_control/assigned', { epoch, reason })
  }

  #pass(at: number): void {
    this.#at = at
    this.history.controls.push({ ...this.#call('pass'), granted: this.#epoch + 1, code: null })
    this.#assigned('passed')
    // said again while the desk is closed, it meets what is done already
    this.#at += 1_000
    const again = { ...this.#call('pass'), startedAt: CLOSED_AT + 1_000, answeredAt: CLOSED_AT + 1_020 }
    this.history.controls.push({ ...again, granted: this.#epoch, code: null })
  }

  #end(): void {
    const { user, history } = this
    const startedAt = this.#at
    const named = { user, conversation: 1 }
    history.completions.push(
      { ...named, token: `${user}-end`, startedAt, answeredAt: startedAt + 20, isTaken: true },
      { ...named, token: `${user}-second`, startedAt: startedAt + 30, answeredAt: startedAt + 50, isTaken: false },
    )
    this.#told('observer', 'conversation_state/complete', { token: `${user}-end` })
    history.sends.push({
      token: `${user}-late`,
      ...named,
      sender: 'listener',
      hearers: ['md', 'iva', 'observer'],
      startedAt: startedAt + 500,
      answers: [{ at: startedAt + 520, status: 409, messageId: null, code: 'conversation_over' }],
    })
    this.#at += 1_000
  }

  #told(listener: string, hook: string, what: Told): void {
    const { user, history } = this
    const { lanes, deliveries } = history.stored
    const lane = lanes.find((one) => one.listener === listener && one.user === user) ?? {
      listener,
      user,
      head: 0,
      tail: 0,
    }
    if (lane.tail === 0) lanes.push(lane)
    lane.head = ++lane.tail
    const sequence = lane.tail
    const idOf = (place: number) => `${listener}-${user}-${place}`
    const place = { listener, user, sequence, id: idOf(sequence), previousId: sequence > 1 ? idOf(sequence - 1) : null }
    deliveries.push({ ...place, state: 'delivered', acknowledged: true })
    this.#at += 25
    history.hooks[`${listener} ${hook}`] ??= [{ port: PORTS[0], status: 'active', version: 1, from: 0, answeredAt: 10 }]
    history.receipts.push({
      ...place,
      ...PLAIN,
      token: null,
      messageId: null,
      ...what,
      hook,
      port: PORTS[0],
      process: 0,
      attempt: 1,
      bodyHash: place.id,
      signedBy: [1],
      at: this.#at,
      endedAt: this.#at + 10,
      outcome: 'acknowledged',
    })
  }
}
