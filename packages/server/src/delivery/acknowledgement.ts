import type { AttemptError } from './attempt.js'

/** What an answer means for the delivery. */
export type Verdict =
  | { kind: 'acknowledged'; ectUserId?: string }
  /** This payload is refused; the endpoint itself works. */
  | { kind: 'refused'; error: 'status_4xx' | 'refused' }
  /** The hook's owner asks not to be called any more. */
  | { kind: 'gone'; error: 'gone' }
  /** To be tried again: the endpoint is at fault, or (`rate_limited`) asks for patience. `afterMs` is its Retry-After. */
  | { kind: 'retry'; error: Exclude<AttemptError, 'status_4xx' | 'refused' | 'gone'>; afterMs?: number }

/** Longest `ect_user_id` that can be kept. */
const LONGEST_ID = 128

/**
 * @param body the answer's body as text; one that is no JSON object is as good as none
 * @param now milliseconds since 1970, for a Retry-After that is a date
 */
export function judge(status: number, retryAfter: string | undefined, body: string, now: number): Verdict {
  if (status >= 200 && status < 300) return judgeBody(body)
  if (status === 410) return { kind: 'gone', error: 'gone' }
  if (status === 429) return retry('rate_limited', retryAfter, now)
  if (status >= 400 && status < 500) return { kind: 'refused', error: 'status_4xx' }
  if (status >= 300 && status < 400) return { kind: 'retry', error: 'redirect' }
  if (status === 503) return retry('status_5xx', retryAfter, now)
  if (status >= 500 && status < 600) return { kind: 'retry', error: 'status_5xx' }
  return { kind: 'retry', error: 'protocol' }
}

function judgeBody(body: string): Verdict {
  const answer = parseObject(body)
  if (answer === null) return { kind: 'acknowledged' }
  if (answer.success === false || !isEmpty(answer.error)) return { kind: 'refused', error: 'refused' }
  const id = answer.ect_user_id
  if (typeof id === 'string' && id.length > 0 && id.length <= LONGEST_ID) return { kind: 'acknowledged', ectUserId: id }
  return { kind: 'acknowledged' }
}

/** An `error` that says there is none: absent, null, false, 0, or an empty string, list or object. */
function isEmpty(error: unknown): boolean {
  if (!error) return true
  return typeof error === 'object' && Object.keys(error).length === 0
}

function parseObject(body: string): Record<string, unknown> | null {
  // what is no object by its first character need not fail first, at the price of an error for every `OK`
  if (!/^\s*\{/.test(body)) return null
  try {
    return JSON.parse(body) as Record<string, unknown>
  } catch {
    return null
  }
}

function retry(error: 'rate_limited' | 'status_5xx', retryAfter: string | undefined, now: number): Verdict {
  const afterMs = parseRetryAfter(retryAfter, now)
  return afterMs === undefined ? { kind: 'retry', error } : { kind: 'retry', error, afterMs }
}

/** RFC 9110 §10.2.3: seconds, or an HTTP date. Anything else is as good as none. */
function parseRetryAfter(value: string | undefined, now: number): number | undefined {
  if (value === undefined) return undefined
  const text = value.trim()
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000
  if (!/^[A-Za-z]{3}/.test(text)) return undefined
  const date = Date.parse(text)
  return Number.isNaN(date) ? undefined : Math.max(0, date - now)
}
