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
  startedAt: number
  /** In their order; several where the caller repeated it after it was answered. */
  answers: Answer[]
}

export interface Answer {
  at: number
  status: number
  /** Of a 2xx. */
  messageId: number | null
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
  token: string | null
  messageId: number | null
  /** Versions of the hook's secret that its signatures verify with. */
  signedBy: number[]
  at: number
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

export type StoredMessage = Pick<Receipt, 'user' | 'token'> & { messageId: number }

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
