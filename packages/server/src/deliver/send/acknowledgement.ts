import type { AnswerText } from './answer-text.js'
import type { AttemptError } from './attempt.js'
import { readEctUserId } from './ect-user-id.js'
import { type OfferAnswer, readOfferAnswer } from './offer-answer.js'

/** What an answer means for the delivery. */
export type Verdict =
  /** `error`: the id of its answer cannot be kept. It is acknowledged all the same. */
  | { kind: 'acknowledged'; ectUserId?: string; error?: 'invalid_ect_user_id'; offer?: OfferAnswer }
  /** This payload is refused; the endpoint itself works. */
  | { kind: 'refused'; error: 'status_4xx' | 'refused' }
  /** The hook's owner asks not to be called any more. */
  | { kind: 'gone'; error: 'gone' }
  /** To be tried again: the endpoint is at fault, or (`rate_limited`) asks for patience. `afterMs` is its Retry-After. */
  | { kind: 'retry'; error: EndpointError; afterMs?: number }

export type EndpointError = Exclude<AttemptError, 'status_4xx' | 'refused' | 'gone' | 'invalid_ect_user_id'>

export interface Answer {
  status: number
  retryAfter: string | undefined
  /** Null: it is not understood. */
  body: AnswerText | null
}

/**
 * Statuses by which a receiver refuses the payload. A 404 does so with a JSON body alone: without one it is a wrong path.
 * 401 and 403 do not: a wrong secret after a deploy must lose nothing.
 */
const REFUSALS: ReadonlySet<number> = new Set([400, 409, 413, 415, 422])

/**
 * What is not understood is never yes. Of a 2xx:
 *
 * | its body | means |
 * | --- | --- |
 * | nothing | acknowledged |
 * | a JSON object | acknowledged, unless `success` is `false` or `error` is not empty: then the payload is refused |
 * | anything else that begins as no JSON object does, or is none to its end | acknowledged |
 * | coded in a way that is not read, see `readAnswer` | not understood |
 * | an object in which there are more than 1,000 fields, objects and lists | not understood |
 * | longer than is read, and it begins as a JSON object, or with nothing but white space | not understood |
 *
 * Not understood is the endpoint's fault, as a 5xx is: the delivery keeps its turn, and is tried again. Of another status:
 *
 * | status | means |
 * | --- | --- |
 * | 410 | the hook is to be disabled |
 * | 429, 503 | to be tried again, after its Retry-After |
 * | 400, 409, 413, 415, 422; 404 with a JSON body | the payload is refused |
 * | any other | the endpoint's fault |
 *
 * @param now milliseconds since 1970, for a Retry-After that is a date
 * @param reads what else it may say: what its listener calls the user (it answers create_user), or to an offer of control
 */
export function judge({ status, retryAfter, body }: Answer, now: number, reads?: 'ect_user_id' | 'offer'): Verdict {
  if (status >= 200 && status < 300) return judgeBody(body, reads)
  if (status === 410) return { kind: 'gone', error: 'gone' }
  if (status === 429) return retry('rate_limited', retryAfter, now)
  if (REFUSALS.has(status) || (status === 404 && isJson(body?.text ?? '')))
    return { kind: 'refused', error: 'status_4xx' }
  if (status >= 400 && status < 500) return { kind: 'retry', error: 'endpoint_4xx' }
  if (status >= 300 && status < 400) return { kind: 'retry', error: 'redirect' }
  if (status === 503) return retry('status_5xx', retryAfter, now)
  if (status >= 500 && status < 600) return { kind: 'retry', error: 'status_5xx' }
  return { kind: 'retry', error: 'protocol' }
}

function judgeBody(body: AnswerText | null, reads: 'ect_user_id' | 'offer' | undefined): Verdict {
  if (body === null || (body.isCut && MAY_BE_OBJECT.test(body.text))) return { kind: 'retry', error: 'not_understood' }
  if (isCostly(body.text)) return { kind: 'retry', error: 'not_understood' }
  const answer = parseObject(body.text)
  if (answer === null) return { kind: 'acknowledged' }
  if (answer.success === false || !isEmpty(answer.error)) return { kind: 'refused', error: 'refused' }
  if (reads === 'offer') {
    const offer = readOfferAnswer(answer)
    return { kind: 'acknowledged', ...(offer && { offer }) }
  }
  if (reads !== 'ect_user_id') return { kind: 'acknowledged' }
  const id = readEctUserId(answer, body.text)
  if (id === undefined) return { kind: 'acknowledged' }
  if (id === null || (body.isLossy && id.includes('\uFFFD')))
    return { kind: 'acknowledged', error: 'invalid_ect_user_id' }
  return { kind: 'acknowledged', ectUserId: id }
}

/** 64 KiB of small objects, each with a field of its own name, keep the parser busy for as long as a hundred attempts do. */
const MOST_PARTS = 1_000
const ALWAYS_CHEAP = 4 * 1024

function isCostly(text: string): boolean {
  if (text.length <= ALWAYS_CHEAP || !MAY_BE_OBJECT.test(text)) return false
  let parts = 0
  for (let at = 0; at < text.length; at++) {
    const letter = text.charCodeAt(at)
    if (letter === 0x3a || letter === 0x5b || letter === 0x7b) parts++
  }
  return parts > MOST_PARTS
}

const MAY_BE_OBJECT = /^\s*(?:\{|$)/

/** An `error` that says there is none: absent, null, false, 0, or an empty string, list or object. */
function isEmpty(error: unknown): boolean {
  if (!error) return true
  return typeof error === 'object' && Object.keys(error).length === 0
}

function parseObject(text: string): Record<string, unknown> | null {
  // what is no object by its first character need not fail first, at the price of an error for every `OK`
  if (!/^\s*\{/.test(text)) return null
  try {
    return JSON.parse(text) as Record<string, unknown>
  } catch {
    return null
  }
}

/** An object or a list: a bare word or number may be any server's page. */
function isJson(body: string): boolean {
  if (!/^\s*[{[]/.test(body)) return false
  try {
    JSON.parse(body)
    return true
  } catch {
    return false
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
