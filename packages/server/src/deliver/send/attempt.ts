/** Why an attempt failed, for a program. A code is never reused for something else: vendors read it in `deliveries/get`. */
export type AttemptError =
  // The endpoint is at fault: the delivery keeps its turn.
  | 'timeout'
  | 'dns'
  | 'connection_refused'
  | 'connection_reset'
  | 'connection_failed'
  | 'tls'
  | 'tls_hostname'
  | 'tls_untrusted'
  | 'tls_expired'
  | 'tls_not_yet_valid'
  | 'tls_version'
  | 'tls_client_certificate'
  | 'tls_not_spoken'
  | 'tls_reset'
  // The operator's proxy: nothing that the receiver did.
  | 'proxy'
  | 'protocol'
  | 'egress_refused'
  | 'redirect'
  | 'endpoint_4xx'
  | 'status_5xx'
  | 'not_understood'
  // The endpoint answers, and asks for patience.
  | 'rate_limited'
  // This payload is refused, by the status or by what the answer's body says.
  | 'status_4xx'
  | 'refused'
  // 410: the receiver is gone for good.
  | 'gone'
  // It is acknowledged; what its answer calls the user cannot be kept.
  | 'invalid_ect_user_id'

/** Whether an attempt that ended so acknowledged its delivery. */
export const isAcknowledged = (error: AttemptError | null): boolean => error === null || error === 'invalid_ect_user_id'

/** What one attempt did, as it is kept. */
export interface Attempt {
  startedAt: Date
  durationMs: number
  /** Null when no answer came. */
  status: number | null
  /** Null when it was acknowledged, and there is nothing to say of it. */
  error: AttemptError | null
  /** The beginning of the answer's body, at most 2,048 characters: as the receiver sent it, with what may not be storable. */
  answer: string | null
}
