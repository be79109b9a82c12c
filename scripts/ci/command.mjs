/** Runs programs, and shows what they printed when they fail. */
import { execFile, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

export const ROOT = fileURLToPath(new URL('../../', import.meta.url))

/** A longer run hangs. */
const LONGEST_MS = 1_200_000

/** @returns {Promise<string>} what it printed to its standard output */
export async function output(program, args, options) {
  try {
    const { stdout } = await promisify(execFile)(program, args, {
      cwd: ROOT,
      timeout: LONGEST_MS,
      maxBuffer: 1 << 26,
      ...options,
    })
    return stdout
  } catch (error) {
    const said = `${error.stdout ?? ''}${error.stderr ?? ''}`.trim().split('\n').slice(-200).join('\n')
    throw new Error(`${[program, ...args].join(' ')} failed (${error.code ?? error.signal})\n${said}`)
  }
}

/**
 * Shows what the program prints as it comes, all but the last line; with a title, in front of each line.
 * @param {(line: string) => void} onLine is given each line as it comes
 * @returns {Promise<{code: number | null, last: string}>}
 */
export async function live(program, args, title = '', onLine = () => {}) {
  const mark = title && `${title}: `
  const child = spawn(program, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = new Promise((resolve, reject) => child.on('error', reject).on('close', resolve))
  let last
  for await (const line of createInterface({ input: child.stdout })) {
    if (last !== undefined) console.log(`${mark}${last}`)
    onLine(line)
    last = line
  }
  return { code: await ended, last: last ?? '' }
}

let registry

/** The registry of this account: another account does not read its settings. */
export function npmRegistry() {
  registry ??= output('npm', ['config', 'get', 'registry']).then((line) => line.trim())
  return registry
}
