import { randomUUID } from 'node:crypto'
import { sign } from '@tract/client/webhooks'
import { readAnswer } from '../receiver-answer.js'

/** As TRACT, and a little more, so that an answer that is late is seen to be one. */
const PATIENCE_MS = 8_000
export const IN_TIME_MS = 5_000
/** As much as TRACT reads. */
const LONGEST_ANSWER = 64 * 1024

/** What to call the endpoint with, where it differs from a proper delivery. */
export interface Call {
  payload: Readonly<Record<string, unknown>>
  id?: string
  /** The keys to sign with. */
  secrets?: readonly string[]
  /** Seconds that the attempt lies in the past; negative: in the future. */
  age?: number
  /** Headers to change; `null`: to leave out. */
  headers?: Readonly<Record<string, string | null>>
  /** What to make of the body after it was signed. */
  tamper?: (body: string) => string
  sequence?: number
  previousId?: string
  /** Deliveries right before it that ended unacknowledged. */
  gap?: { from: number; to: number }
  attempt?: number
}

/** What was sent and what came, as a vendor would look at it. */
export interface Exchange {
  request: { headers: Record<string, string>; body: string }
  /** Absent if none came. */
  status?: number
  answer?: string
  /** The answer is longer, or cannot be read as text. */
  isIncomplete?: boolean
  /** Why no answer came. */
  error?: string
  duration_ms: number
}

/** Calls the one URL that the user named, and no other: no redirect is followed. */
export class EndpointClient {
  readonly url: string
  readonly #secret: string

  constructor(url: string, secret: string) {
    this.url = url
    this.#secret = secret
  }

  async call({ payload, id = randomUUID(), secrets = [this.#secret], age = 0, ...call }: Call): Promise<Exchange> {
    const body = JSON.stringify(payload)
    const timestamp = Math.floor(Date.now() / 1000) - age
    const gap = call.gap && `${call.gap.from}-${call.gap.to} ${call.previousId ?? randomUUID()}`
    const all: Record<string, string | null> = {
      'content-type': 'application/json',
      'accept-encoding': 'identity',
      'user-agent': 'tract-doctor',
      ...(await sign({ secret: secrets, id, body, timestamp, ...(gap !== undefined && { gap }) })),
      'tract-attempt': String(call.attempt ?? 1),
      'tract-sequence': String(call.sequence ?? 1),
      ...(call.previousId !== undefined && { 'tract-previous-id': call.previousId }),
      ...call.headers,
    }
    const headers = Object.fromEntries(
      Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== null),
    )
    const sent = call.tamper ? call.tamper(body) : body
    return this.#post({ headers, body: sent })
  }

  async #post(request: Exchange['request']): Promise<Exchange> {
    const began = performance.now()
    const took = () => Math.round(performance.now() - began)
    const signal = AbortSignal.timeout(PATIENCE_MS)
    try {
      const response = await fetch(this.url, { method: 'POST', ...request, redirect: 'manual', signal })
      const { text: answer, isIncomplete } = await readAnswer(response, LONGEST_ANSWER)
      return { request, status: response.status, answer, ...(isIncomplete && { isIncomplete }), duration_ms: took() }
    } catch (error) {
      const message = signal.aborted ? `no answer within ${PATIENCE_MS / 1_000} s` : innermost(error as Error)
      return { request, error: message, duration_ms: took() }
    }
  }
}

function innermost(error: Error): string {
  return error.cause instanceof Error
    ? innermost(error.cause)
    : error.message || ((error as { code?: string }).code ?? 'failed')
}

/** Would TRACT take it as acknowledged? Null if so, else why not. */
export function whyNotAcknowledged({ status, answer = '', isIncomplete, error, duration_ms }: Exchange): string | null {
  if (status === undefined) return `no answer came: ${error}`
  if (status >= 300 && status < 400) return `it answered ${status}: redirects are not followed`
  if (status < 200 || status >= 300) return `it answered ${status}`
  if (duration_ms > IN_TIME_MS) return `it answered after ${duration_ms} ms; 5000 ms is the limit`
  const body = objectOf(answer)
  if (body?.success === false) return 'its answer says `success: false`, which refuses the payload'
  if (!isEmpty(body?.error)) return `its answer has an \`error\`, which refuses the payload: ${written(body?.error)}`
  if (isIncomplete && /^\s*(?:\{|$)/.test(answer))
    return 'its answer is longer than 64 KiB, compressed, or in a charset that is not known, and cannot be read'
  return null
}

/** An `error` that says there is none. */
const isEmpty = (error: unknown) => !error || (typeof error === 'object' && Object.keys(error).length === 0)
const written = (error: unknown) => (typeof error === 'string' ? error : JSON.stringify(error))

export function objectOf(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null
  } catch {
    return null
  }
}
