/** Everything that a call of the SDK can reject with: one class for each kind of error. */

import type { Issue } from '@tract/contract'
import type { CodeOfStatus, ErrorCode, ErrorCodes } from './generated/error-codes.js'

/** An answer as it came. */
export interface RawResponse {
  status: number
  /** Names in lower case. */
  headers: Readonly<Record<string, string>>
  body: string
}

/** The class of all errors of the SDK. */
export class TractError extends Error {
  override readonly name: string = 'TractError'

  constructor(
    /** The method of the SDK that was called, such as `messages.send`. */
    readonly operation: string,
    message: string,
    cause?: unknown,
  ) {
    super(message, cause === undefined ? undefined : { cause })
  }
}

export interface ErrorDetails<Code> {
  message: string
  code: Code
  issues: readonly Issue[]
  response: RawResponse
  standing?: ThreadStanding
}

/** How the thread stands that refused a call. */
export interface ThreadStanding {
  owner?: string | null
  conversation_number?: string
  epoch?: number
}

/** The service answered, with an error. `message` is for a person, `code` for a program. */
export class ApiError<Code extends string = ErrorCode> extends TractError {
  override readonly name: string = 'ApiError'
  /** The stable code of the error reference. A newer service may answer with codes that this version does not list. */
  readonly code: Code | (string & {})
  /** What is wrong with each field, where that is what is wrong. */
  readonly issues: readonly Issue[]
  /** Who holds control of the thread, null: no listener; undefined where the thread is not what stands in the way. */
  readonly owner: string | null | undefined
  /** Beside `owner`, the number of the user's last conversation, open or over; undefined where there was none. */
  readonly conversationNumber: string | undefined
  /** Beside `owner`, how often control of the thread has changed. */
  readonly epoch: number | undefined
  /** The id of the call in the service's logs: quote it when you ask for help. */
  readonly requestId: string | undefined
  /** The answer as it came. */
  readonly response: RawResponse

  constructor(operation: string, { message, code, issues, response, standing = {} }: ErrorDetails<Code>) {
    super(operation, message)
    this.code = code
    this.issues = issues
    this.owner = standing.owner
    this.conversationNumber = standing.conversation_number
    this.epoch = standing.epoch
    this.response = response
    this.requestId = response.headers['x-request-id']
  }

  get status(): number {
    return this.response.status
  }

  /** Seconds after which it makes sense to go on; undefined where the service did not say. */
  get retryAfter(): number | undefined {
    return Number(this.response.headers['retry-after']) || undefined
  }
}

/** 400, 405, 408, 413, 414, 415, 416, 417, 422, 431: the request breaks the contract; `issues` says where. */
export class InvalidRequestError extends ApiError<
  CodeOfStatus[400 | 405 | 408 | 413 | 414 | 415 | 416 | 417 | 422 | 431]
> {
  override readonly name = 'InvalidRequestError'
}

/** 401: the client's credentials, or its token, do not hold. */
export class AuthenticationError extends ApiError<CodeOfStatus[401]> {
  override readonly name = 'AuthenticationError'
}

/** 403: the client may not do this. */
export class PermissionError extends ApiError<CodeOfStatus[403]> {
  override readonly name = 'PermissionError'
}

/** 404: there is no such thing, or it is another organisation's. */
export class NotFoundError extends ApiError<CodeOfStatus[404]> {
  override readonly name = 'NotFoundError'
}

/** 409: something stands in the way, such as control of the thread being with another listener. */
export class ConflictError extends ApiError<CodeOfStatus[409]> {
  override readonly name = 'ConflictError'
}

/** 429: the client has used up its calls. */
export class RateLimitError extends ApiError<CodeOfStatus[429]> {
  override readonly name = 'RateLimitError'
}

/** 5xx: the service failed, or is not there for the moment. */
export class ServerError extends ApiError<CodeOfStatus[500 | 503]> {
  override readonly name = 'ServerError'
}

/** The answer is none that the service gives: a proxy in between, or the wrong address. */
export class UnexpectedResponseError extends TractError {
  override readonly name = 'UnexpectedResponseError'

  constructor(
    operation: string,
    message: string,
    /** The answer as it came. */
    readonly response: RawResponse,
    cause?: unknown,
  ) {
    super(operation, message, cause)
  }
}

/** The service was not reached, or the connection broke. `cause` says why. */
export class ConnectionError extends TractError {
  override readonly name = 'ConnectionError'
}

/** There was no answer in time. */
export class TimeoutError extends TractError {
  override readonly name = 'TimeoutError'
}

/** The call's signal was aborted; `cause` is its reason. */
export class AbortError extends TractError {
  override readonly name = 'AbortError'
}

const CLASSES: Readonly<Record<number, new (operation: string, details: ErrorDetails<never>) => ApiError<string>>> = {
  400: InvalidRequestError,
  401: AuthenticationError,
  403: PermissionError,
  404: NotFoundError,
  405: InvalidRequestError,
  408: InvalidRequestError,
  409: ConflictError,
  413: InvalidRequestError,
  414: InvalidRequestError,
  415: InvalidRequestError,
  417: InvalidRequestError,
  416: InvalidRequestError,
  422: InvalidRequestError,
  429: RateLimitError,
  431: InvalidRequestError,
}

/** The error that an answer other than 2xx is. */
export function errorOf(operation: string, response: RawResponse, body: unknown): TractError {
  const { status } = response
  const Class = CLASSES[status] ?? (status >= 500 ? ServerError : undefined)
  // A token is refused as RFC 6749 has it: `error` is a code there, and `error_description` the sentence.
  const { error, error_description, code, issues = [] } = (body ?? {}) as Record<string, unknown>
  if (!Class || typeof code !== 'string' || typeof error !== 'string') {
    return new UnexpectedResponseError(operation, `The answer is ${status}, and not one of TRACT.`, response)
  }
  const message = typeof error_description === 'string' ? error_description : error
  const standing = (body ?? {}) as ThreadStanding
  return new Class(operation, { message, code: code as never, issues: issues as readonly Issue[], response, standing })
}

/** Was this error the service's answer to that method? Then its `code` is one of those documented for it. */
export function isErrorOf<Name extends keyof ErrorCodes>(
  operation: Name,
  error: unknown,
): error is ApiError<ErrorCodes[Name]> {
  return error instanceof ApiError && error.operation === operation
}
