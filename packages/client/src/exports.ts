/** What every entry exports besides its client. */
export type { Scope } from '@tract/contract'
export type { DownloadedFile, DownloadOptions, UploadOptions } from './attachments/files.js'
export type { FileInput } from './attachments/form.js'
export type { Auth } from './authentication/auth.js'
export type { PrivateJwk, PrivateKey } from './authentication/private-key.js'
export type { MessageDeletion, MessageEdit } from './calls/correction.js'
export { type HookParts, type HookToRegister, hookParts } from './calls/hook-to-register.js'
export type { Answered, ListPromise, TractPromise } from './calls/promise.js'
export type { ThreadGranted, ThreadOutcome, ThreadRefused } from './calls/thread-outcome.js'
export {
  AbortError,
  ApiError,
  AuthenticationError,
  ConflictError,
  ConnectionError,
  InvalidRequestError,
  isErrorOf,
  NotFoundError,
  PermissionError,
  RateLimitError,
  type RawResponse,
  ServerError,
  TimeoutError,
  TractError,
  UnexpectedResponseError,
} from './errors.js'
export type { ErrorCode, ErrorCodes } from './generated/error-codes.js'
export type { OutgoingEvent } from './generated/events.js'
export type * from './generated/vendor-types.js'
export * from './hsl.js'
export type { Logger } from './observation/logger.js'
export type { RequestInfo, RequestObserver, ResponseInfo, ResponseObserver } from './observation/observers.js'
export type { CallOptions, Credentials, TractOptions, TractSettings } from './options.js'
export type { Fetch, FetchInit, FetchResponse } from './transport/web.js'
export { contractHash, contractVersion, version } from './version.js'
