/** What a run has seen and done, in milliseconds of one clock. */
export interface History {
  sends: Send[]
  receipts: Receipt[]
  losses: Loss[]
  /** While no process ran. */
  outages: { from: number; to: number }[]
  /** What each hook was in the course of the run, by `listener category/subcategory`. */
  hooks: Record<string, HookState[]>
  erasures: Erasure[]
  controls: Control[]
  offerAnswers: OfferAnswer[]
  availability: Availability[]
  completions: Completion[]
  corrections: Correction[]
  /** What the API shows at the end of users whose messages were corrected. */
  transcripts: TranscribedMessage[]
  ratings: Rating[]
  files: UploadedFile[]
  downloads: Download[]
  stored: Stored
}

/** A message that a caller sent, with the answers to its tries. */
export interface Send {
  token: string
  user: string
  /** Whose words it holds. */
  sender: 'user' | 'listener'
  /** The listeners that are to hear it. */
  hearers: readonly string[]
  /** The conversation that it is meant for, if the call names one. */
  conversation?: number
  startedAt: number
  /** In their order; several where the caller repeated it after it was answered. */
  answers: Answer[]
}

export interface Answer {
  at: number
  status: number
  /** Of a 2xx. */
  messageId: number | null
  /** Of an error. */
  code?: string
}

/** A pass or an offer to the desk, and its answer. */
export interface Control extends Span {
  user: string
  kind: 'pass' | 'offer'
  /** The epoch that a pass made or met, the number of the offer; null: refused. */
  granted: number | null
  /** Of a refusal. */
  code: string | null
}

/** From a call to its answer. */
export interface Span {
  startedAt: number
  answeredAt: number
}

/** What the desk was answered when it answered an offer by an event. */
export interface OfferAnswer {
  user: string
  number: number
  answer: 'accepted' | 'declined'
  isTaken: boolean
}

/** What the desk said of itself; it stands until it says something else. */
export interface Availability extends Span {
  isOpen: boolean
}

/** The desk ends a conversation that it names, with an outcome that holds the token. */
export interface Completion extends Span {
  user: string
  conversation: number
  token: string
  isTaken: boolean
}

/** An edit or a deletion of a message by its author. */
export interface Correction extends Span {
  kind: 'edited' | 'deleted'
  user: string
  messageId: number
  /** The token of the message. */
  message: string
  /** What an edit says instead, or why the message is taken back. */
  token: string
  /** The listeners that are to hear it: those that heard the message. */
  hearers: readonly string[]
  isTaken: boolean
}

/** A user's rating of a conversation that is over. */
export interface Rating extends Span {
  user: string
  /** The conversation that it names; null: the last one that is over. */
  conversation: number | null
  /** Its comment. */
  token: string
  isTaken: boolean
}

/** A file whose upload was answered 2xx. */
export interface UploadedFile {
  id: string
  sha256: string
  /** The user whose message named it, and that message's token, once that was answered. */
  user: string | null
  message: string | null
}

/** What a listener that heard of a file was given for it. */
export interface Download {
  id: string
  user: string
  listener: string
  status: number
  sha256: string | null
}

/** What the receiver did with a delivery. */
export type Outcome =
  /** Acknowledged in time, on an open connection. */
  | 'acknowledged'
  /** Acknowledged, and whether the answer was read is not known. */
  | 'unsure'
  /** The payload is refused. */
  | 'refused'
  /** Anything else: an error, a connection cut before the answer was complete, silence. */
  | 'failed'

/** One request that a receiver read to its end. */
export interface Receipt {
  listener: string
  user: string
  /** `category/subcategory`. */
  hook: string
  /** The port at which it came. */
  port: number
  /** The process that sent it; null where that is not known. */
  process: number | null
  id: string
  sequence: number
  previousId: string | null
  attempt: number
  bodyHash: string
  /** Of a message's text, of what an edit, a deletion or a rating says, or of the note of an outcome. */
  token: string | null
  messageId: number | null
  conversation: number | null
  /** The message that an edit or a deletion is of. */
  about: number | null
  /** Of an event's metadata: the number of the offer, whom it is about, the epoch, and why. */
  offer: number | null
  to: string | null
  epoch: number | null
  reason: string | null
  /** The files that the message names. */
  files: readonly NamedFile[]
  /** Versions of the hook's secret that its signatures verify with. */
  signedBy: number[]
  at: number
  /** When what it tells was decided, by the clock of the process that decided it. */
  decidedAt: number
  /** Milliseconds for which it had been under way then, by its timestamp: a busy machine reads late. */
  age: number
  /** When the answer was on its way, or the connection was given up. */
  endedAt: number
  outcome: Outcome
  /** Bytes of a head without end that the other side took; absent where the answer had none. */
  poured?: number
}

/** A fault that can lose what was not written yet, or makes a clock wrong. */
export interface Loss {
  /** `process` stands still, `death` is a kill. */
  kind: 'process' | 'death' | 'database' | 'clock'
  /** Null: all. */
  process: number | null
  from: number
  /** Of a death: when the next process took its place, until when its requests can be read. */
  to: number
  /** Of a clock: how far it is ahead. */
  byMs?: number
}

/** A hook as it is from one change to the next. */
export interface HookState {
  port: number
  status: 'active' | 'disabled'
  /** Of its newest secret. */
  version: number
  /** When the call that made it so began, and when it was answered. */
  from: number
  answeredAt: number
}

export interface Erasure {
  user: string
  answeredAt: number
}

export type NamedFile = Pick<UploadedFile, 'id' | 'sha256'>

/** The token is of what it said at first. */
export type StoredMessage = Pick<Receipt, 'user' | 'token'> & Says & { messageId: number; conversation: number }

interface Says {
  /** The token of what it says now; null: it is deleted. */
  says: string | null
}

export type TranscribedMessage = Says & {
  user: string
  messageId: number
  /** The token of what it said before it was edited, and whether it is shown as edited. */
  original: string | null
  isEdited: boolean
}

export interface StoredConversation {
  user: string
  conversation: number
  isClosed: boolean
  /** Of its owners, how many had not ended. */
  present: number
  /** The note of its outcome. */
  token: string | null
  /** The comment of its rating. */
  rating: string | null
  /** Who was ever in control of it. */
  heldBy: readonly string[]
}

export type StoredLane = Pick<Receipt, 'listener' | 'user'> & { head: number; tail: number }

export interface StoredDelivery extends Pick<Receipt, 'listener' | 'user' | 'sequence' | 'id' | 'previousId'> {
  state: 'pending' | 'delivered' | 'undeliverable' | 'cancelled'
  /** Whether its last attempt is kept as acknowledged. */
  acknowledged: boolean
}

/** What the database holds after the last delivery. */
export interface Stored {
  messages: StoredMessage[]
  lanes: StoredLane[]
  deliveries: StoredDelivery[]
  conversations: StoredConversation[]
  /** The rows of files, and of those that may lie in the store and are no attachment. */
  attachments: string[]
  strays: string[]
  /** What lies in the store, and what was arriving there. */
  inStore: NamedFile[]
  /** Rows of users that were erased. */
  remains: number
  unwritten: UnwrittenResult[]
}

/** Attempts of a delivery whose results the service could not write, by its own account. */
export interface UnwrittenResult {
  listener: string
  deliveryId: string
  error: string
  count: number
}
