import {
  ApiError,
  AuthenticationError,
  ConnectionError,
  PermissionError,
  ServerError,
  TimeoutError,
  TractError,
  UnexpectedResponseError,
} from '@tract/client/platform'
import { CliError, EXIT } from './exit.js'

export interface Failure {
  message: string
  exit: number
  hint?: string
  code?: string
  request_id?: string
  issues?: readonly { path: string; message: string }[]
}

/** What to do about the codes that a person at a terminal meets. */
const HINTS: Readonly<Record<string, string>> = {
  not_in_control:
    'See who is in control with `tract thread listeners <user>`; take or request control, or let its owner pass it.',
  no_conversation: 'A conversation opens with the user’s next message, or with `tract thread request <user>`.',
  conversation_over: 'Without --conversation it goes to whatever conversation there is.',
  hook_not_found: 'See the hooks with `tract hooks list`.',
  delivery_not_found: 'See the deliveries with `tract deliveries list`; a listener sees its own only.',
  delivery_not_pending: 'It can be sent again with `tract deliveries replay <id>`.',
  delivery_not_head:
    'Whatever is before it comes first: `tract deliveries list --state pending --user <user>` shows it.',
  url_refused: 'Without a public address, let `tract listen` fetch what is sent.',
  user_not_found: 'A user is known from its first message on.',
}

/** What went wrong, for the person at the terminal or the program that reads the JSON; undefined where it is a fault of ours. */
export function failureOf(error: unknown): Failure | undefined {
  if (error instanceof CliError) return { message: error.message, exit: error.exit, ...hinted(error.hint) }
  if (error instanceof ApiError) return ofAnswer(error)
  if (error instanceof ConnectionError || error instanceof TimeoutError)
    return {
      message: `The service was not reached: ${reasonOf(error.cause) ?? error.message}`,
      exit: EXIT.unreachable,
      hint: 'Is the address right (`tract profiles list`, --url, TRACT_URL), and does the service run?',
    }
  if (error instanceof UnexpectedResponseError)
    return {
      message: error.message,
      exit: EXIT.unreachable,
      hint: 'Is the address that of TRACT, and is no proxy in between?',
    }
  if (error instanceof TractError) return { message: withReason(error), exit: EXIT.failed }
  // a file or a folder: its message says which, and why
  if (typeof (error as NodeJS.ErrnoException)?.syscall === 'string')
    return { message: (error as Error).message, exit: EXIT.failed }
  return undefined
}

/** Such as a file that cannot be read to its end. */
function withReason({ message, cause }: TractError): string {
  const reason = reasonOf(cause)
  return reason === undefined ? message : `${message} ${reason}`
}

function ofAnswer(error: ApiError): Failure {
  return {
    message: error.message,
    exit: error instanceof ServerError ? EXIT.unreachable : EXIT.failed,
    code: error.code,
    ...(error.requestId !== undefined && { request_id: error.requestId }),
    ...(error.issues.length > 0 && { issues: error.issues }),
    ...hinted(hintFor(error)),
  }
}

function hintFor(error: ApiError): string | undefined {
  if (error instanceof AuthenticationError)
    return 'Log in again with `tract login`; the client or its secret may have changed.'
  if (error instanceof PermissionError && error.code === 'insufficient_scope')
    return 'Choose a profile whose client may do this (--profile, `tract profiles list`), or ask the operator for the scope.'
  return HINTS[error.code]
}

const hinted = (hint: string | undefined) => (hint === undefined ? {} : { hint })

/** The innermost reason: `fetch failed` says nothing. */
function reasonOf(cause: unknown): string | undefined {
  if (!(cause instanceof Error)) return undefined
  return reasonOf(cause.cause) ?? (cause.message || (cause as { code?: string }).code)
}
