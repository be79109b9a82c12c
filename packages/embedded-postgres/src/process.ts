/**
 * The server process: it is started, started again when it ends by itself, and stopped.
 *
 * A watchdog, a shell under the server's account, waits at a pipe that closes when this process ends, however it ends,
 * and stops the server then: the server never outlives this process for long.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, fstatSync, openSync, readSync, renameSync, statSync } from 'node:fs'
import type { Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import pg from 'pg'
import { type Binaries, CLEAN_ENVIRONMENT } from './binaries.js'
import type { Folders } from './folders.js'
import { DataInUseError } from './owner.js'

export interface Connection {
  /** The folder of the Unix socket; an address where there are no such sockets. */
  host: string
  port: number
  user: string
  database: string
  password?: string
}

export interface ServerOptions {
  binaries: Binaries
  folders: Folders
  connection: Connection
  /** name=value, each becomes a -c. */
  settings: string[]
  log: (message: string) => void
}

const FAST = 'SIGINT'
const IMMEDIATE = 'SIGQUIT'
/** Milliseconds for a fast shutdown, which writes a checkpoint; after that the server recovers at its next start. */
const FAST_STOP_MS = 30_000
/** Bytes: at a start, a longer log becomes `postgres.log.1` and replaces the one before. */
const LONGEST_LOG = 16 * 1024 * 1024
/** Milliseconds. Backends of a killed server keep the next one out until they notice and end, mostly within moments; a longer wait is logged. */
const LINGERING_MS = 10_000
const LINGERING = /pre-existing shared memory block/
const LOCKED = /lock file "postmaster\.pid" already exists/

export class PostgresProcess {
  readonly #options: ServerOptions
  #child: ChildProcess | undefined
  #stopping: Promise<void> | undefined

  constructor(options: ServerOptions) {
    this.#options = options
  }

  /** Resolves when the server takes connections to its database. */
  async start(): Promise<void> {
    rotate(this.#options.folders.log)
    for (let sayAt = Date.now() + LINGERING_MS; ; ) {
      try {
        return await this.#launch()
      } catch (error) {
        if (!LINGERING.test(String(error)) || this.#stopping) throw error
        if (Date.now() > sayAt) {
          this.#options.log('Processes of a database server that was killed have not ended yet: waiting for them.')
          sayAt = Date.now() + LINGERING_MS
        }
        await delay(100)
      }
    }
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop()
    return this.#stopping
  }

  async #launch(): Promise<void> {
    if (this.#stopping) throw new Error('PostgreSQL is being stopped')
    const { binaries, folders, settings } = this.#options
    const output = openSync(folders.log, 'a', 0o600)
    const logged = fstatSync(output).size
    const args = ['-D', folders.data, ...settings.flatMap((setting) => ['-c', setting])]
    // A session of its own: Ctrl-C is for the service, which stops the server last.
    const child = spawn(binaries.postgres, args, {
      ...folders.account,
      cwd: folders.home,
      env: CLEAN_ENVIRONMENT,
      stdio: ['ignore', output, output],
      detached: true,
    })
    closeSync(output)
    child.unref()
    const failure = new Promise<string>((resolve) => {
      child.once('error', (error) => resolve(String(error)))
      child.once('exit', (code, signal) => resolve(signal ?? `exit ${code}`))
    })
    let ended: string | undefined
    failure.then((how) => {
      ended = how
    })
    const watchdog = child.pid === undefined ? undefined : watch(child.pid, folders)
    this.#child = child
    await this.#untilReady(() => ended).catch(async (error) => {
      child.kill(IMMEDIATE)
      await failure
      watchdog?.kill('SIGKILL')
      this.#child = undefined
      const said = tail(folders.log, logged)
      if (LOCKED.test(said)) throw new DataInUseError(folders, 'another PostgreSQL server')
      throw new Error(`PostgreSQL does not start (${error.message}). ${folders.log} says:\n${said}`)
    })
    failure.then((how) => {
      watchdog?.kill('SIGKILL')
      this.#child = undefined
      if (!this.#stopping) this.#startAgain(how)
    })
  }

  async #untilReady(ended: () => string | undefined): Promise<void> {
    const { connection } = this.#options
    // Recovery after a crash can take its time, and logs every attempt.
    for (let wait = 5; ; wait = Math.min(wait * 1.2, 250)) {
      const how = ended()
      if (how !== undefined) throw new Error(how)
      const client = new pg.Client({ ...connection, connectionTimeoutMillis: 5_000 })
      // A server that ends while we connect shows in `ended`.
      client.on('error', () => {})
      try {
        await client.connect()
        await client.end()
        return
      } catch (error) {
        await client.end().catch(() => {})
        const code = (error as { code?: string }).code
        if (code === '3D000') await createDatabase(connection)
        else if (code === '28P01' || code === '28000') throw error
        else await delay(wait)
      }
    }
  }

  async #startAgain(how: string): Promise<void> {
    const { log } = this.#options
    log(`PostgreSQL ended unexpectedly (${how}): starting it again.`)
    for (let wait = 100; !this.#stopping; wait = Math.min(wait * 2, 5_000)) {
      try {
        await this.start()
        log('PostgreSQL is up again.')
        return
      } catch (error) {
        log(String(error))
        await delay(wait)
      }
    }
  }

  async #stop(): Promise<void> {
    const child = this.#child
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    child.ref()
    const exited = once(child, 'exit')
    const { binaries, folders } = this.#options
    if (process.platform === 'win32') {
      await promisify(execFile)(binaries.pgCtl, ['stop', '-D', folders.data, '-m', 'fast', '-w'])
    } else {
      child.kill(FAST)
      const timer = setTimeout(() => child.kill(IMMEDIATE), FAST_STOP_MS)
      await exited
      clearTimeout(timer)
    }
  }
}

/** Under the server's account, the watchdog can signal no other user's process. */
function watch(pid: number, { account, name }: Folders): ChildProcess | undefined {
  if (process.platform === 'win32') return undefined
  const script = `read _; kill -${FAST.slice(3)} "$1"`
  const watchdog = spawn('/bin/sh', ['-c', script, `${name}-watchdog`, String(pid)], {
    ...account,
    cwd: '/',
    env: CLEAN_ENVIRONMENT,
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  })
  watchdog.on('error', () => {})
  watchdog.stdin?.on('error', () => {})
  watchdog.unref()
  ;(watchdog.stdin as Socket | null)?.unref()
  return watchdog
}

async function createDatabase(connection: Connection): Promise<void> {
  const client = new pg.Client({ ...connection, database: 'postgres' })
  await client.connect()
  try {
    await client.query(`CREATE DATABASE ${pg.escapeIdentifier(connection.database)}`)
  } finally {
    await client.end()
  }
}

function rotate(log: string): void {
  const size = statSync(log, { throwIfNoEntry: false })?.size ?? 0
  if (size > LONGEST_LOG) renameSync(log, `${log}.1`)
}

/** The last lines of the log, from the given offset on. */
function tail(log: string, from: number): string {
  const file = openSync(log, 'r')
  try {
    const start = Math.max(from, fstatSync(file).size - 2_000)
    const buffer = Buffer.alloc(2_000)
    return buffer.toString('utf8', 0, readSync(file, buffer, 0, buffer.length, start)).trim()
  } finally {
    closeSync(file)
  }
}
