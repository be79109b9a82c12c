import { ApiError, AuthenticationError, ConnectionError, TimeoutError, UnexpectedResponseError } from '../errors.js'

/**
 * May the same call, made again later and unchanged, end better? True where there was no answer, where the service says that it cannot answer now
 * (408, 429, 5xx), and where something before the service answered in its place. False where it refused, where the call was aborted, and for what
 * is no error of the SDK.
 */
export function isTemporary(error: unknown): boolean {
  if (error instanceof ApiError) return error.status >= 500 || error.status === 408 || error.status === 429
  return error instanceof ConnectionError || error instanceof TimeoutError || error instanceof UnexpectedResponseError
}

/**
 * Was this call refused for good, because of what it says or of how the thread stands? Those behind it may go on. Of a client that may not call
 * (401, 403 `insufficient_scope`) it is false: every call fares like that until a person mends it.
 */
export function isRefusal(error: unknown): error is ApiError {
  if (!(error instanceof ApiError) || error instanceof AuthenticationError) return false
  return error.code !== 'insufficient_scope' && !isTemporary(error)
}
