import { errorCodes, type KnownErrorCode } from '@tract/contract'
import { type Issue, NotBegun, Refusal, type Standing } from '../accept/refusal.js'
import { isUnavailable } from '../database/database.js'

export interface ErrorAnswer {
  status: number
  body: {
    error: string
    code: KnownErrorCode
    request_id: string
    issues?: Issue[]
    error_description?: string
  } & Partial<Standing>
  headers: Record<string, string>
}

/** What a request broke of the contract, found before its handler ran. */
export class ContractViolation extends Error {
  readonly issues: Issue[]
  constructor(issues: Issue[]) {
    super(
      `The request breaks the contract at ${issues.map(({ path, message }) => `${path || 'the body'}: ${message}`).join('; ')}.`,
    )
    this.issues = issues
  }
}

export const BODY_LIMIT = 262_144
const UNAVAILABLE_RETRY_SECONDS = 2
/** At most. */
const OVERLOADED_RETRY_SECONDS = 3

const BY_FASTIFY_CODE: Record<string, [KnownErrorCode, string]> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: ['unsupported_media_type', 'The operation does not take this Content-Type.'],
  FST_ERR_CTP_BODY_TOO_LARGE: ['body_too_large', `The body is over ${BODY_LIMIT} bytes.`],
  FST_ERR_CTP_EMPTY_JSON_BODY: ['malformed_json', 'The body is empty; send a JSON object.'],
  FST_ERR_CTP_INVALID_JSON_BODY: ['malformed_json', 'The body is not JSON.'],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: ['malformed_json', 'The body is not as long as Content-Length says.'],
}

/** The answer to a call that failed. Nothing internal goes out: an unexpected error is `internal_error`. */
export function errorAnswer(error: unknown, requestId: string): ErrorAnswer {
  const { code, statusCode } = error as { code?: string; statusCode?: number }
  if (error instanceof Refusal && error.code === 'unavailable') return unavailable(error.message, requestId)
  if (error instanceof Refusal) return answer(error.code, error.message, requestId, error.issues, error.standing)
  if (error instanceof ContractViolation) return answer('invalid_request', error.message, requestId, error.issues)
  if (error instanceof NotBegun) return overloaded(requestId)
  const known = code === undefined ? undefined : BY_FASTIFY_CODE[code]
  if (known) return answer(...known, requestId)
  if (error instanceof SyntaxError && statusCode === 400)
    return answer('malformed_json', `The body is not acceptable JSON: ${error.message}.`, requestId)
  if (isUnavailable(error))
    return unavailable('TRACT cannot reach its database, or has too much to do; nothing was stored.', requestId)
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500) {
    return answer('invalid_request', error instanceof Error ? error.message : 'The request is malformed.', requestId)
  }
  return answer('internal_error', 'TRACT failed; the call can be repeated with the same Idempotency-Key.', requestId)
}

export function unavailable(message: string, requestId: string): ErrorAnswer {
  const result = answer('unavailable', message, requestId)
  return { ...result, headers: { 'retry-after': String(UNAVAILABLE_RETRY_SECONDS) } }
}

/** Spreads repetitions, so that callers do not all come back at the same moment. */
export function overloaded(requestId: string): ErrorAnswer {
  const result = answer('overloaded', 'TRACT has too much to do; nothing was done of this call.', requestId)
  return { ...result, headers: { 'retry-after': String(1 + Math.floor(Math.random() * OVERLOADED_RETRY_SECONDS)) } }
}

function answer(
  code: KnownErrorCode,
  message: string,
  requestId: string,
  issues?: Issue[],
  standing?: Standing,
): ErrorAnswer {
  return {
    status: errorCodes[code],
    body: { error: message, code, request_id: requestId, ...(issues && issues.length > 0 && { issues }), ...standing },
    headers: {},
  }
}
