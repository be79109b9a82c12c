/** What the process ends with. */
export const EXIT = {
  ok: 0,
  /** The service, or the receiver, said no; or a check failed. */
  failed: 1,
  /** The command makes no sense as it was given, or a setting is missing. */
  usage: 2,
  /** The service was not reached, or could not answer. */
  unreachable: 3,
  /** The user did not want to wait. */
  interrupted: 130,
} as const

export interface CliErrorOptions {
  exit?: number
  /** What to do about it. */
  hint?: string | undefined
}

/** An end that the command foresees: a sentence, and what to do. */
export class CliError extends Error {
  readonly exit: number
  readonly hint: string | undefined

  constructor(message: string, { exit = EXIT.failed, hint }: CliErrorOptions = {}) {
    super(message)
    this.exit = exit
    this.hint = hint
  }
}

/** The command was not given as it has to be. */
export const usage = (message: string, hint?: string) => new CliError(message, { exit: EXIT.usage, hint })
