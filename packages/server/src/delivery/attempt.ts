/** Why an attempt failed, for a program. A code is never reused for something else: vendors read it in `deliveries/get`. */
export type AttemptError =
  // The endpoint is at fault: the delivery keeps its turn.
  | 'timeout'
  | 'dns'
  | 'connection_refused'
  | 'connection_reset'
  | 'connection_failed'
  | 'tls'
  | 'protocol'
  | 'egress_refused'
  | 'redirect'
  | 'status_5xx'
  // The endpoint answers, and asks for patience.
  | 'rate_limited'
  // This payload is refused, by the status or by what the answer's body says.
  | 'status_4xx'
  | 'refused'
  // 410: nobody is there for good.
  | 'gone'

/** What one attempt did, as it is kept. */
export interface Attempt {
  startedAt: Date
  durationMs: number
  /** Null when no answer came. */
  status: number | null
  /** Null when it was acknowledged. */
  error: AttemptError | null
  /** The beginning of the answer's body, at most 2,048 characters. */
  answer: string | null
}
