/**
 * Where the embedded PostgreSQL keeps what: `home` is <data dir>/postgres, or a folder elsewhere when the account that
 * runs it cannot reach the data dir (root's own home is closed to everybody else).
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
import { type Account, accountFor, canEnter, makePassableFolder, makePrivateFolder } from './postgres-account.js'

/** What root may fill and others may read. */
export const SYSTEM_FOLDER = '/var/lib/tract'

export const PORT = 5432
/** sun_path holds 104 to 108 bytes, the final zero included. */
const LONGEST_SOCKET = 103

export interface Folders {
  dataDir: string
  /** Ours: the owner's file, and below it what belongs to PostgreSQL. */
  home: string
  /** PGDATA. */
  data: string
  log: string
  account: Account | undefined
  /** To be printed when the data are not in the data dir. */
  notice?: string
}

export function prepareFolders(givenDataDir: string): Folders {
  const madeDataDir = mkdirSync(givenDataDir, { recursive: true })
  const dataDir = realpathSync(givenDataDir)
  const inside = join(dataDir, 'postgres')
  const note = join(dataDir, 'postgres-location.txt')
  const at = (home: string, notice?: string): Folders => {
    const data = join(home, 'data')
    const account = accountFor(data)
    return { dataDir, home, data, log: join(dataDir, 'postgres.log'), account, ...(notice ? { notice } : {}) }
  }

  if (!existsSync(note)) {
    const { account } = at(inside)
    if (madeDataDir !== undefined) makePassableFolder(dataDir, account)
    if (!account || canEnter(dataDir, account)) {
      makePassableFolder(inside, account)
      return at(inside)
    }
    moveOut(dataDir, note, account)
  }
  const home = readFileSync(note, 'utf8').split('\n', 1)[0] ?? ''
  if (!existsSync(home)) {
    throw new Error(
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
function moveOut(dataDir: string, note: string, account: Account): void {
  makeSystemFolder(dataDir, account)
  const home = mkdtempSync(join(SYSTEM_FOLDER, `${digest(dataDir)}-`))
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
export function makeSystemFolder(unreachable: string, account: Account): void {
  try {
    mkdirSync(SYSTEM_FOLDER, { recursive: true, mode: 0o755 })
    if (canEnter(SYSTEM_FOLDER, account)) return
  } catch {
    // Said below, with what to do about it.
  }
  throw new Error(
    `PostgreSQL does not run as root, its account cannot reach ${unreachable}, and ${SYSTEM_FOLDER} cannot be used instead. ` +
      'Set TRACT_DATA_DIR to a folder that other users can reach, or start the service as an ordinary user.',
  )
}

/**
 * The folder of the Unix socket: closed to others, since whoever reaches the socket is let in. A short one for the same
 * data every time when the path of the home is too long for a socket.
 */
export function prepareSocketFolder({ home, account }: Folders): string {
  const fits = (folder: string) => Buffer.byteLength(join(folder, `.s.PGSQL.${PORT}`)) <= LONGEST_SOCKET
  const inside = join(home, 'socket')
  if (fits(inside)) return empty(inside, account)
  const short = [tmpdir(), '/tmp']
    .map((base) => join(base, `tract-${digest(home)}`))
    .find((base) => fits(`${base}-XXXXXX`))
  if (!short) throw new Error(`No folder for the database's socket has a path short enough: ${inside} has not.`)
  return empty(claimShortFolder(short, account), account)
}

/** The folder lies where anybody can make one: used only if it is ours and closed, else another name is taken. */
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
