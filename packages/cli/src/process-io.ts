import { homedir } from 'node:os'
import { join } from 'node:path'
import type { Readable, Writable } from 'node:stream'

/** What a command gets from the process that runs it. */
export interface ProcessIo {
  env: Readonly<Record<string, string | undefined>>
  stdin: Readable & { isTTY?: boolean }
  stdout: Writable & { isTTY?: boolean; columns?: number }
  stderr: Writable & { isTTY?: boolean }
  interruption: Interruption
}

/** What becomes of Ctrl+C: it ends the process, unless the command has taken it on to end in order. */
export interface Interruption {
  signal: AbortSignal
  isTakenOn: boolean
}

/** Where profiles are kept (XDG Base Directory Specification). */
export function configFolder(env: ProcessIo['env']): string {
  if (env.TRACT_CONFIG_DIR) return env.TRACT_CONFIG_DIR
  return join(env.XDG_CONFIG_HOME || join(env.HOME || homedir(), '.config'), 'tract')
}

/** Colours are for people who look at a terminal, and want them (https://no-color.org): of two streams, one may be in a file. */
export function wantsColour(env: ProcessIo['env'], { isTTY }: { isTTY?: boolean }): boolean {
  return isTTY === true && !env.NO_COLOR && env.TERM !== 'dumb'
}
