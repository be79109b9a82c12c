/** Starts services in processes of their own, and finds and kills what belongs to a server. */
import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { startOf } from '../../src/owner.js'

export const ROOT = fileURLToPath(new URL('../../../../', import.meta.url))
/** The name that the tests' servers have. */
export const NAME = 'sample-of-tests'
const SERVICE = fileURLToPath(new URL('service.ts', import.meta.url))

export interface Line {
  url?: string
  home?: string
  notice?: string
  error?: string
  message?: string
  stopping?: string
  answer?: number
}

export interface Service {
  child: ChildProcess
  pid: number
  /** All that it said so far. */
  lines: Line[]
  /** Its first line that is not just a message of the log; rejects if there is none. */
  outcome: Promise<Line>
  exited: Promise<unknown>
}

export function startService(dataDir: string, { store, ...options }: { store?: string } & SpawnOptions = {}): Service {
  const args = ['--import', 'tsx', SERVICE, NAME, dataDir, ...(store ? [store] : [])]
  const child = spawn(process.execPath, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'inherit'], ...options })
  const exited = once(child, 'exit')
  const lines: Line[] = []
  const outcome = new Promise<Line>((resolve, reject) => {
    if (!child.stdout) throw new Error('the service has no stdout')
    createInterface({ input: child.stdout }).on('line', (text) => {
      const line: Line = JSON.parse(text)
      lines.push(line)
      if (line.url || line.error) resolve(line)
    })
    exited.then(() => reject(new Error(`the service ended: ${JSON.stringify(lines)}`)))
  })
  outcome.catch(() => {})
  return { child, pid: child.pid ?? 0, lines, outcome, exited }
}

export const isAlive = (pid: number): boolean => startOf(pid) !== undefined

/** The process id of the server on this home. */
export function postmasterOf(home: string): number {
  return Number(readFileSync(join(home, 'data/postmaster.pid'), 'utf8').split('\n', 1)[0])
}

export const hasPostmaster = (home: string): boolean => existsSync(join(home, 'data/postmaster.pid'))

/** The process that watches over a server for its owner. */
export function watchdogOf(postmaster: number): number {
  for (const pid of readdirSync('/proc')) {
    if (!/^\d+$/.test(pid)) continue
    try {
      if (readFileSync(`/proc/${pid}/cmdline`, 'utf8').endsWith(`\0${NAME}-watchdog\0${postmaster}\0`))
        return Number(pid)
    } catch {
      // It ended while we looked.
    }
  }
  throw new Error(`no process watches over ${postmaster}`)
}
