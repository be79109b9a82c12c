/** Runs a command of the repository's own tools. */
import { spawn } from 'node:child_process'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const ROOT = fileURLToPath(new URL('../../', import.meta.url))

export interface Command {
  /** The program, found in node_modules/.bin first, and its arguments. */
  run: readonly [string, ...string[]]
  env?: Readonly<Record<string, string>>
}

interface Options {
  /** The command writes to this terminal; otherwise its output is returned. */
  live?: boolean
  /** Ends the command, which has then failed. */
  signal?: AbortSignal
}

/** @returns whether it exited with 0, and what it printed (both streams, in the order of arrival) */
export function execute(
  { run: [program, ...args], env }: Command,
  { live = false, signal }: Options = {},
): Promise<{ ok: boolean; output: string }> {
  const path = [join(ROOT, 'node_modules', '.bin'), process.env.PATH].join(delimiter)
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      cwd: ROOT,
      env: { ...process.env, ...env, PATH: path },
      stdio: ['ignore', live ? 'inherit' : 'pipe', live ? 'inherit' : 'pipe'],
      ...(signal ? { signal } : {}),
      shell: process.platform === 'win32',
    })
    const chunks: Buffer[] = []
    child.stdout?.on('data', (chunk: Buffer) => chunks.push(chunk))
    child.stderr?.on('data', (chunk: Buffer) => chunks.push(chunk))
    child.on('error', (error) => resolve({ ok: false, output: `${program} did not start: ${error.message}` }))
    child.on('close', (code) => resolve({ ok: code === 0, output: Buffer.concat(chunks).toString('utf8') }))
  })
}
