/**
 * A server whose service was killed, still running on the data or in the middle of its shutdown: it is stopped, and not
 * adopted, so that every start is the same and the server always runs with this version's settings.
 */
import { execFileSync } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Folders } from './folders.js'
import { DataInUseError, isRunning, ourselves, type ProcessIdentity, startOf } from './owner.js'

/** A server carries its owner in a setting, which shows on its command line. */
export const ownerSetting = (name: string, { pid, started } = ourselves()): string =>
  `cluster_name=${name}-${pid}-${started.replaceAll(/[^\w]/g, '_')}`

const FAST = 'SIGINT'
const IMMEDIATE = 'SIGQUIT'

export async function stopOrphan(folders: Folders, log: (message: string) => void): Promise<void> {
  const { data, name } = folders
  const lock = join(data, 'postmaster.pid')
  const pid = Number(firstLine(lock))
  if (!(pid > 0) || !exists(pid)) return
  const started = startOf(pid)
  const command = commandOf(pid)
  if (started === undefined || !command.includes(data)) {
    // The remains of a killed server, or another process that has its number by now, as after the restart of a
    // container. The server would take either for a running server and not start.
    rmSync(lock, { force: true })
    return
  }
  const owner = /cluster_name=\S+-(\d+)-\w+/.exec(command)
  if (owner && ownerSetting(name, { pid: Number(owner[1]), started: startOf(Number(owner[1])) ?? '' }) === owner[0]) {
    throw new DataInUseError(folders, `process ${owner[1]}`)
  }
  log(`Stopping the database server ${pid}, which a killed service left behind.`)
  const orphan = { pid, started }
  if (!(await stopped(orphan, FAST, 60_000)) && !(await stopped(orphan, IMMEDIATE, 20_000))) {
    throw new Error(`The database server ${pid} on ${data} does not stop.`)
  }
}

function exists(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

async function stopped(server: ProcessIdentity, signal: NodeJS.Signals, withinMs: number): Promise<boolean> {
  try {
    process.kill(server.pid, signal)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
  for (const until = Date.now() + withinMs; isRunning(server); await delay(20)) if (Date.now() > until) return false
  return true
}

function firstLine(file: string): string {
  try {
    return readFileSync(file, 'utf8').split('\n', 1)[0] ?? ''
  } catch {
    return ''
  }
}

/** The command line of a process with one space between arguments, '' if we may not see it. */
function commandOf(pid: number): string {
  try {
    if (process.platform === 'linux') return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
    if (process.platform !== 'win32')
      return execFileSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' })
    const query = `(Get-CimInstance Win32_Process -Filter "ProcessId=${pid}").CommandLine`
    return execFileSync('powershell', ['-NoProfile', '-Command', query], { encoding: 'utf8' })
  } catch {
    return ''
  }
}
