import type { Correction, History, Receipt } from '../history/history.js'
import { Random } from '../random.js'
import { emptyHistory, PLAIN, PORTS } from './right-history.js'

export const USERS = ['asha', 'ravi', 'mira'] as const
export const ERASED = 'erased'
const HEARERS = ['iva', 'desk', 'observer']
const ENDS = ['accepted', 'declined', 'expired', 'withdrawn'] as const

/** The desk is open at first, closed from here on, and open again. */
export const CLOSED_AT = 50_000
const REOPENED_AT = 60_000

type Told = Partial<
  Pick<Receipt, 'conversation' | 'about' | 'offer' | 'to' | 'epoch' | 'reason' | 'token' | 'messageId' | 'files'>
>

/**
 * A history of a desk in which every promise was kept: of each user, offers that end in each way, a pass, files, edits and
 * a deletion, a conversation that the desk ends, that is rated, and in which it says something too late, and the next one.
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
    this.#correct(1, 'edited', 'edited')
    random.shuffled(ENDS).forEach((end, index) => {
      this.#offer(index + 1, end)
    })
    this.#pass(CLOSED_AT - 10_000)
    this.#end()
    this.#rate(`${user}-first`, 1)
    this.#rate(`${user}-last`, null)
    this.#message(2)
    this.#message(2, 'taken-back')
    this.#correct(3, 'edited', 'deleted')
    this.#editTooLate(1)
    const over = { conversation: 1, isClosed: true, present: 0, token: `${user}-end`, rating: `${user}-last` }
    const open = { conversation: 2, isClosed: false, present: 1, token: null, rating: null }
    history.stored.conversations.push({ user, ...over, heldBy: ['iva', 'desk'] }, { user, ...open, heldBy: ['iva'] })
    this.#at = CLOSED_AT + 2_000
    history.controls.push({ ...this.#call('pass'), granted: null, code: 'receiver_closed' })
    this.#pass(REOPENED_AT + 2_000)
    history.files.push({ id: `${user}-unnamed`, sha256: 'waits', user: null, message: null })
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
      hearers: HEARERS,
      startedAt: this.#at,
      answers: [{ at: this.#at + 20, status: 200, messageId }],
    })
    history.stored.messages.push({ user, token, says: token, messageId, conversation })
    for (const named of files) {
      history.files.push({ ...named, user, message: token })
      history.stored.attachments.push(named.id)
      history.stored.inStore.push(named)
      history.downloads.push({ id: named.id, user, listener: 'desk', status: 200, sha256: named.sha256 })
    }
    for (const listener of HEARERS) this.#told(listener, 'message/receive', { token, messageId, files })
    this.#at += 1_000
  }

  /** One after another. */
  #correct(messageId: number, ...kinds: Correction['kind'][]): void {
    const { user, history } = this
    const message = `${user}-m${messageId}`
    const stored = history.stored.messages.find((one) => one.token === message)
    for (const [index, kind] of kinds.entries()) {
      const token = `${message}.${index}`
      const span = { startedAt: this.#at, answeredAt: this.#at + 20 }
      history.corrections.push({ kind, user, messageId, message, token, hearers: HEARERS, ...span, isTaken: true })
      for (const listener of HEARERS) this.#told(listener, `message/${kind}`, { token, about: messageId })
      if (stored) Object.assign(stored, kind === 'edited' ? { says: token } : { says: null, token: null })
      if (kind === 'deleted') this.#removeFiles(message)
      this.#at += 1_000
    }
    const isEdited = kinds.includes('edited')
    const original = kinds.includes('deleted') ? null : message
    history.transcripts.push({ user, messageId, says: stored?.says ?? null, original, isEdited })
  }

  #removeFiles(message: string): void {
    const { files, stored } = this.history
    const gone = new Set(files.filter((file) => file.message === message).map(({ id }) => id))
    stored.attachments = stored.attachments.filter((id) => !gone.has(id))
    stored.inStore = stored.inStore.filter(({ id }) => !gone.has(id))
  }

  #editTooLate(messageId: number): void {
    const { user, history } = this
    const message = `${user}-m${messageId}`
    const call = { startedAt: this.#at, answeredAt: this.#at + 20, isTaken: false }
    const token = `${message}.late`
    history.corrections.push({ kind: 'edited', user, messageId, message, token, hearers: HEARERS, ...call })
  }

  /** @param named the conversation, where the call names it; it is the first one in any case */
  #rate(token: string, named: number | null): void {
    const { user, history } = this
    const call = { startedAt: this.#at, answeredAt: this.#at + 20, isTaken: true }
    history.ratings.push({ user, conversation: named, token, ...call })
    for (const listener of HEARERS) this.#told(listener, 'user_events/feedback', { token, conversation: 1 })
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
