/**
 * A real PostgreSQL server, from npm packages, for a service that was given none: a process beside the service, which
 * starts and stops with it, keeps its data below the data dir and takes connections of the service's user only.
 *
 * A start goes through these steps, and each holds for the next:
 *   folders   where the data lie and which account runs the server (folders.ts, account.ts)
 *   owner     this process alone uses the data; another start gets `DataInUseError` (owner.ts)
 *   orphan    a server that a killed owner left behind is stopped (orphan.ts)
 *   binaries  the account can run PostgreSQL's programs, in place or as a copy (binaries.ts)
 *   data      initdb has made the data folder, of this major version
 *   process   the server takes connections; it is started again when it ends by itself (process.ts)
 */
import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { makePrivateFolder } from './account.js'
import { type Binaries, CLEAN_ENVIRONMENT, prepareBinaries } from './binaries.js'
import { type Folders, PORT, prepareFolders, prepareSocketFolder } from './folders.js'
import type { EmbeddedPostgresOptions } from './options.js'
import { ownerSetting, stopOrphan } from './orphan.js'
import { own } from './owner.js'
import { type Connection, PostgresProcess } from './process.js'
import { UnusableError } from './unusable.js'

export type { EmbeddedPostgresOptions } from './options.js'
export { DataInUseError } from './owner.js'
export type { Connection } from './process.js'

export interface EmbeddedPostgres {
  /** For `pg`: as it is, or spread into a pool's options. */
  connection: Connection
  /** The same, for what wants an address. */
  url: string
  /** Where the data are: below the data dir, or elsewhere, and then `notice` says so. */
  home: string
  /** A sentence to print when the data could not be kept in the data dir. */
  notice?: string
  /** Stops the server (connections are cut, what was committed is kept) and lets go of the data. */
  stop(): Promise<void>
}

const UNFINISHED = 'data.new-'

const SETTINGS = [
  'max_connections=100',
  'shared_buffers=128MB',
  'jit=off',
  'timezone=UTC',
  'log_timezone=UTC',
  'log_line_prefix=%m [%p] ',
]

/** Throws `DataInUseError` when another service uses the data. */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const { log } = options
  const folders = prepareFolders(options)
  const ownership = await own(folders, log)
  try {
    await stopOrphan(folders, log)
    const binaries = prepareBinaries(folders)
    await prepareData(folders, binaries)
    const { connection, settings, release } = await listening(folders)
    const server = new PostgresProcess({ binaries, folders, connection, settings: [...SETTINGS, ...settings], log })
    await server.start().catch((error) => {
      release()
      throw error
    })
    let stopped: Promise<void> | undefined
    return {
      connection,
      url: urlOf(connection),
      home: folders.home,
      ...(folders.notice ? { notice: folders.notice } : {}),
      stop: () => {
        stopped ??= server.stop().finally(() => {
          release()
          ownership.release()
        })
        return stopped
      },
    }
  } catch (error) {
    ownership.release()
    throw error
  }
}

/** Makes the data folder if there is none. It gets its name when it is complete: a killed start leaves no half of one. */
async function prepareData({ name, home, data, account }: Folders, { initdb, major }: Binaries): Promise<void> {
  clearUnfinished(home)
  if (existsSync(data)) {
    const found = readFileSync(join(data, 'PG_VERSION'), 'utf8').trim()
    if (found === major) return
    throw new UnusableError(
      `The data in ${data} are PostgreSQL ${found}'s, and this is PostgreSQL ${major}: ` +
        'start the version that made them, dump the database there and restore it here.',
    )
  }
  const unfinished = join(home, `${UNFINISHED}${randomBytes(6).toString('hex')}`)
  makePrivateFolder(unfinished, account)
  const args = ['-D', unfinished, '-U', name, '-E', 'UTF8', '--locale=C', '--data-checksums', '--no-instructions']
  // The socket's folder is closed to other users; where there are no such sockets, TCP asks for a password.
  const password = unixSockets ? undefined : newPassword(home)
  const authentication = password ? ['-A', 'scram-sha-256', `--pwfile=${password}`] : ['-A', 'trust']
  try {
    await promisify(execFile)(initdb, [...args, ...authentication], { ...account, cwd: home, env: CLEAN_ENVIRONMENT })
  } catch (error) {
    rmSync(unfinished, { recursive: true, force: true })
    throw new Error(`initdb failed: ${(error as { stderr?: string }).stderr || error}`)
  }
  renameSync(unfinished, data)
  if (unixSockets) sync(home)
}

/** Removes what killed starts left. Their initdb may still run: each has its own folder, and a later start removes it. */
function clearUnfinished(home: string): void {
  for (const name of readdirSync(home)) {
    if (!name.startsWith(UNFINISHED)) continue
    try {
      rmSync(join(home, name), { recursive: true, force: true })
    } catch {
      // A later start removes it.
    }
  }
}

const unixSockets = process.platform !== 'win32'
const passwordFile = (home: string) => join(home, 'password')

function newPassword(home: string): string {
  writeFileSync(passwordFile(home), randomBytes(24).toString('base64url'), { mode: 0o600 })
  return passwordFile(home)
}

/** Where the server listens, and what to clear away afterwards. */
async function listening(folders: Folders): Promise<{ connection: Connection; settings: string[]; release(): void }> {
  const { name } = folders
  const owner = ownerSetting(name)
  if (!unixSockets) {
    const password = readFileSync(passwordFile(folders.home), 'utf8')
    const port = await freePort()
    return {
      connection: { host: '127.0.0.1', port, user: name, database: name, password },
      settings: [owner, 'listen_addresses=127.0.0.1', `port=${port}`],
      release: () => {},
    }
  }
  const socket = prepareSocketFolder(folders)
  return {
    connection: { host: socket, port: PORT, user: name, database: name },
    settings: [
      owner,
      'listen_addresses=',
      `port=${PORT}`,
      // A list in the setting's syntax: a comma separates, quotes keep.
      `unix_socket_directories="${socket.replaceAll('"', '""')}"`,
      'unix_socket_permissions=0700',
    ],
    release: () => rmSync(socket, { recursive: true, force: true }),
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() =>
        typeof address === 'object' && address ? resolve(address.port) : reject(new Error('no port')),
      )
    })
  })
}

function urlOf({ host, port, user, database, password }: Connection): string {
  if (password) return `postgresql://${user}:${password}@${host}:${port}/${database}`
  return `postgresql://${user}@localhost:${port}/${database}?host=${encodeURIComponent(host)}`
}

/** A renamed folder survives a power cut when the one that holds it has been written out. */
function sync(folder: string): void {
  const handle = openSync(folder, 'r')
  try {
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}
