/** The account that PostgreSQL runs under: it refuses root, so root lends it an ordinary one. */
import { spawnSync } from 'node:child_process'
import { chmodSync, chownSync, mkdirSync, readFileSync, statSync } from 'node:fs'
import type { Settings } from './options.js'
import { UnusableError } from './unusable.js'

export interface Account {
  uid: number
  gid: number
}

/**
 * The account for root to lend: the one that owns the data, and `nobody` for new data, since initdb needs a user that
 * the system knows by name. `undefined`: PostgreSQL runs as this process does.
 */
export function accountFor(data: string, settings: Settings): Account | undefined {
  const uid = process.getuid?.()
  if (uid === undefined) return undefined
  const owner = statSync(data, { throwIfNoEntry: false })
  if (uid !== 0) {
    if (!owner || owner.uid === uid) return undefined
    throw new UnusableError(
      `The database in ${data} is user ${owner.uid}'s: start the service as that user, or as root.`,
    )
  }
  if (owner && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid }
  for (const line of readFileSync('/etc/passwd', 'utf8').split('\n')) {
    const [name, , uid, gid] = line.split(':')
    if (name === 'nobody') return { uid: Number(uid), gid: Number(gid) }
  }
  throw new UnusableError(
    'PostgreSQL does not run as root, and this system has no user "nobody" to run it as. ' +
      `Start the service as an ordinary user, or give it a server by ${settings.server}.`,
  )
}

/** Asks the system whether the account can enter this folder: its mode does not tell of those above it, or of ACLs. */
export function canEnter(folder: string, account: Account): boolean {
  return spawnSync('/bin/sh', ['-c', 'cd "$0"', folder], { ...account, cwd: '/', stdio: 'ignore' }).status === 0
}

/** Makes a folder that only the account can enter (and root, if that is who we are). */
export function makePrivateFolder(folder: string, account: Account | undefined): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  chmodSync(folder, 0o700)
  if (account) chownSync(folder, account.uid, account.gid)
}

/** Makes a folder of our own through which the account can pass; the process's umask does not matter. */
export function makePassableFolder(folder: string, account: Account | undefined): void {
  mkdirSync(folder, { recursive: true })
  chmodSync(folder, account ? 0o711 : 0o700)
}
