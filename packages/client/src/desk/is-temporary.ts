import { ApiError, ConnectionError, TimeoutError, type TractError, UnexpectedResponseError } from '../errors.js'

/**
 * May the same call, made again later and unchanged, end better? True where there was no answer, where the service says that it cannot answer now
 * (408, 429, 5xx), and where something before the service answered in its place. False where it refused, where the call was aborted, and for what
 * is no error of the SDK.
 */
export function isTemporary(error: unknown): error is TractError {
  if (error instanceof ApiError) return error.status >= 500 || error.status === 408 || error.status === 429
  return error instanceof ConnectionError || error instanceof TimeoutError || error instanceof UnexpectedResponseError
}
