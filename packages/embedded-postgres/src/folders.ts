/**
 * Where the embedded PostgreSQL keeps what: `home` is <data dir>/postgres, or a folder elsewhere when the account that
 * runs it cannot reach the data dir (root's own home is closed to other users).
 */
import { createHash } from 'node:crypto'
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Account, accountFor, canEnter, makePassableFolder, makePrivateFolder } from './account.js'
import type { EmbeddedPostgresOptions, Settings } from './options.js'
import { UnusableError } from './unusable.js'

export const PORT = 5432
/** Bytes: `sun_path` holds 104 on macOS and 108 on Linux, the final zero included. */
const LONGEST_SOCKET_PATH = 103

export interface Folders {
  dataDir: string
  name: string
  settings: Settings
  /** Ours: the owner's file, and below it what belongs to PostgreSQL. */
  home: string
  /** PGDATA. */
  data: string
  log: string
  account: Account | undefined
  /** What root may fill and others may read. */
  system: string
  /** To be printed when the data are not in the data dir. */
  notice?: string
}

const OPTIONS: Settings = { dataDir: 'dataDir', server: 'its address' }

type Given = Pick<EmbeddedPostgresOptions, 'dataDir' | 'name' | 'settings'>

export function prepareFolders({ dataDir: given, name, settings = OPTIONS }: Given): Folders {
  const madeDataDir = mkdirSync(given, { recursive: true })
  const dataDir = realpathSync(given)
  const system = `/var/lib/${name}`
  const inside = join(dataDir, 'postgres')
  const note = join(dataDir, 'postgres-location.txt')
  const at = (home: string, notice?: string): Folders => {
    const data = join(home, 'data')
    const account = accountFor(data, settings)
    const log = join(dataDir, 'postgres.log')
    return { dataDir, name, settings, home, data, log, account, system, ...(notice ? { notice } : {}) }
  }

  if (!existsSync(note)) {
    const folders = at(inside)
    const { account } = folders
    if (madeDataDir !== undefined) makePassableFolder(dataDir, account)
    if (!account || canEnter(dataDir, account)) {
      makePassableFolder(inside, account)
      return folders
    }
    moveOut(folders, note, account)
  }
  const home = readFileSync(note, 'utf8').split('\n', 1)[0] ?? ''
  if (!existsSync(home)) {
    throw new UnusableError(
      `The data of ${dataDir} were kept in ${home}, which is not there any more. ` +
        `Bring it back, or delete ${note} to start with an empty database.`,
    )
  }
  return at(
    home,
    `The database of ${dataDir} is in ${home}: PostgreSQL, which does not run as root, cannot reach the former.`,
  )
}

/**
 * Finds a place that the account can reach, and leaves a note that says where. The note decides, not the name: a data
 * dir that was deleted and made again starts empty, one that was moved keeps its data.
 */
function moveOut(folders: Folders, note: string, account: Account): void {
  makeSystemFolder(folders, account)
  const home = mkdtempSync(join(folders.system, `${digest(folders.dataDir)}-`))
  makePassableFolder(home, account)
  const text = `${home}\n\nThe first line says where the database of this folder is: PostgreSQL, which does not run as root, cannot reach this folder.\n`
  try {
    writeFileSync(note, text, { flag: 'wx' })
  } catch (error) {
    // Another start was faster: its note counts.
    rmSync(home, { recursive: true })
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
}

/** Root's part of the system where the account can pass. */
export function makeSystemFolder({ dataDir, system, settings }: Folders, account: Account): void {
  try {
    mkdirSync(system, { recursive: true, mode: 0o755 })
    if (canEnter(system, account)) return
  } catch {
    // Said below, with what to do about it.
  }
  throw new UnusableError(
    `PostgreSQL does not run as root, its account cannot reach ${dataDir}, and ${system} cannot be used instead. ` +
      `Set ${settings.dataDir} to a folder that other users can reach, or start the service as an ordinary user.`,
  )
}

/**
 * The folder of the Unix socket: closed to others, since the server lets in every user who reaches the socket. Where the
 * path of the home is too long for a socket it is a short one, the same every time for the same data.
 */
export function prepareSocketFolder({ name, home, account }: Folders): string {
  const fits = (folder: string) => Buffer.byteLength(join(folder, `.s.PGSQL.${PORT}`)) <= LONGEST_SOCKET_PATH
  const inside = join(home, 'socket')
  if (fits(inside)) return empty(inside, account)
  const short = [tmpdir(), '/tmp']
    .map((base) => join(base, `${name}-${digest(home)}`))
    .find((base) => fits(`${base}-XXXXXX`))
  if (!short) throw new UnusableError(`No folder for the database's socket has a path short enough: ${inside} has not.`)
  return empty(claimShortFolder(short, account), account)
}

/** Every user can make a folder there: this one is used only if it is ours and closed, else one of another name. */
function claimShortFolder(wanted: string, account: Account | undefined): string {
  let folder = wanted
  try {
    mkdirSync(folder, { mode: 0o700 })
  } catch {
    const found = lstatSync(folder)
    const ours = found.uid === process.getuid?.() || found.uid === account?.uid
    if (!found.isDirectory() || !ours || (found.mode & 0o077) !== 0) folder = mkdtempSync(`${wanted}-`)
  }
  return folder
}

/** A killed server leaves its socket and a lock on it, which may name a process that exists again. */
function empty(folder: string, account: Account | undefined): string {
  makePrivateFolder(folder, account)
  for (const name of readdirSync(folder)) rmSync(join(folder, name), { force: true })
  return folder
}

const digest = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 16)
