/**
 * One service at a time on one database: the owner's file in its home says which process that is.
 *
 * It is a file because a file outlives a killed process and other processes can read it. Two starts that take over from
 * a dead owner in the same instant may both pass: PostgreSQL's own lock on its data then decides, and neither stops the
 * other's server, because a server names its owner (orphan.ts).
 */
import { execFileSync } from 'node:child_process'
import { linkSync, readFileSync, readlinkSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Folders } from './folders.js'
import type { Settings } from './options.js'

/** A process, told apart from a later one with the same number. */
export interface ProcessIdentity {
  pid: number
  /** When it started, in the form that the system tells it in. */
  started: string
}

interface Owner extends ProcessIdentity {
  /** Where `pid` means something: a boot of a machine, a container. */
  world: string
  data_dir: string
}

export interface Ownership {
  release(): void
}

export class DataInUseError extends Error {
  override name = 'DataInUseError'
  readonly code = 'data_in_use'

  constructor({ dataDir, settings }: Pick<Folders, 'dataDir' | 'settings'>, by: string) {
    super(
      `The database in ${dataDir} is in use by ${by}. ` +
        `Stop that one first, or give this one a folder of its own (${settings.dataDir}).`,
    )
  }
}

/** Milliseconds. An owner in another container cannot be looked up by its number: it touches its file while it lives. */
const HEARTBEAT_MS = 2_000
/** Milliseconds: an owner that is slow and misses a heartbeat or two is still alive. */
const SILENCE_MS = 3 * HEARTBEAT_MS

/** Start time of a running process, `undefined` if there is none with this number (or only its remains). */
export function startOf(pid: number): string | undefined {
  if (process.platform === 'linux') {
    try {
      // "pid (name) state ppid …": the name may hold anything, so count behind its last parenthesis.
      const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? []
      return fields[0] === 'Z' || fields[0] === 'X' ? undefined : fields[19]
    } catch {
      return undefined
    }
  }
  if (process.platform !== 'win32') {
    try {
      return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim() || undefined
    } catch {
      return undefined
    }
  }
  try {
    process.kill(pid, 0)
    return 'unknown'
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM' ? 'unknown' : undefined
  }
}

export const isRunning = ({ pid, started }: ProcessIdentity): boolean => startOf(pid) === started

export const ourselves = (): ProcessIdentity => ({ pid: process.pid, started: startOf(process.pid) ?? 'unknown' })

function ourWorld(): string {
  if (process.platform !== 'linux') return hostname()
  return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()} ${readlinkSync('/proc/self/ns/pid')}`
}

/** Makes this process the owner of `home`, or says who is. */
export async function own(folders: Folders, log: (message: string) => void): Promise<Ownership> {
  const file = join(folders.home, 'owner.json')
  const mine: Owner = { ...ourselves(), world: ourWorld(), data_dir: folders.dataDir }
  const prepared = `${file}.${mine.pid}-${mine.started}`
  writeFileSync(prepared, `${JSON.stringify(mine)}\n`)
  try {
    for (;;) {
      try {
        // Fails if the file exists, and never shows it half-written.
        linkSync(prepared, file)
        break
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
      }
      await refuseLiving(file, mine, folders.settings, log)
      rmSync(file, { force: true })
    }
  } finally {
    rmSync(prepared, { force: true })
  }

  const heartbeat = setInterval(() => touch(file), HEARTBEAT_MS).unref()
  return {
    release: () => {
      clearInterval(heartbeat)
      const now = read(file)
      if (now?.pid === mine.pid && now.started === mine.started && now.world === mine.world)
        rmSync(file, { force: true })
    },
  }
}

/** Throws if the owner lives; returns if it is dead, or the file is gone or worthless (as after a power cut). */
async function refuseLiving(
  file: string,
  mine: Owner,
  settings: Settings,
  log: (message: string) => void,
): Promise<void> {
  const owner = read(file)
  if (!owner) return
  const inUse = (by: string) => new DataInUseError({ dataDir: owner.data_dir, settings }, by)
  if (owner.world === mine.world) {
    if (isRunning(owner)) throw inUse(`process ${owner.pid}`)
    return
  }
  log(
    `The database was last used before a restart or by another container (process ${owner.pid}): waiting to see whether that one lives.`,
  )
  const touched = () => statSync(file, { throwIfNoEntry: false })?.mtimeMs
  const before = touched()
  for (const until = Date.now() + SILENCE_MS; Date.now() < until; await delay(HEARTBEAT_MS / 10)) {
    const now = touched()
    if (now === undefined) return
    if (now !== before) throw inUse(`process ${owner.pid} of another container or machine`)
  }
}

function read(file: string): Owner | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return undefined
  }
}

function touch(file: string): void {
  const now = new Date()
  try {
    utimesSync(file, now, now)
  } catch {
    // Deleted with the whole folder: there is no data to own any more.
  }
}
