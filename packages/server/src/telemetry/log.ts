import { hostname } from 'node:os'
import { pid } from 'node:process'
import { destination, type Logger, pino } from 'pino'
import { describeError } from './described-error.js'

export type Log = Logger

/** Where lines go; standard output by default. */
export interface LogDestination {
  write(line: string): void
}

/** Fields that must not be in a log. A second guard: what is logged is named field by field, never a body or a row as it is. */
const SECRET_FIELDS = [
  'authorization',
  'headers',
  'cookie',
  'token',
  'access_token',
  'client_secret',
  'client_assertion',
  'signing_secret',
  'secret',
  'secrets',
  'password',
  'body',
  'message_body',
  'metadata',
  'details',
  'user_name',
  'third_party_user_id',
  'url',
  'query',
]

/**
 * One line of JSON for each thing that happened.
 * @param process where several write to one output: its name among them
 */
export function openLog(level: string, to?: LogDestination, process?: string): Log {
  return pino(
    {
      level,
      ...(process !== undefined && { base: { pid, hostname: hostname(), process } }),
      redact: { paths: SECRET_FIELDS, censor: '[redacted]' },
      // requests and answers are told in fields of ours; should one be logged as it is, nothing of it is
      serializers: { err: describeError, req: () => undefined, res: () => undefined },
    },
    to ?? standardOutput(),
  )
}

let output: ReturnType<typeof destination> | undefined

/** Lines of several processes come whole to one place. */
export function standardOutput(): LogDestination {
  output ??= openOutput()
  return output
}

function openOutput() {
  // lines are gathered while others are being written, and written at the latest when the process ends
  const opened = destination({ dest: 1, sync: false })
  // a log that cannot be written, such as to a disk that is full, is no reason to end, nor not to end
  let fails = false
  opened.on('error', () => {
    fails = true
  })
  opened.on('write', () => {
    fails = false
  })
  // before it writes what is left, which it would try until it can
  process.prependListener('exit', () => fails && opened.destroy())
  return opened
}
