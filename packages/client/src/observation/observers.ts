/** An attempt that is about to be made. */
export interface RequestInfo {
  /** The method of the SDK, such as `messages.send`. */
  operation: string
  method: string
  url: string
  /** As they are sent, but without secrets. */
  headers: Readonly<Record<string, string>>
  /** Counts the attempts of the call: 1, 2, 3 … */
  attempt: number
}

/** What came of an attempt. */
export interface ResponseInfo extends RequestInfo {
  /** Absent where there was no answer. */
  status?: number
  /** The id of the call in the service's logs. */
  requestId?: string
  durationMs: number
  /** Why there was no answer. */
  failure?: 'connection' | 'timeout' | 'abort'
}

export type RequestObserver = (request: RequestInfo) => void
export type ResponseObserver = (response: ResponseInfo) => void
