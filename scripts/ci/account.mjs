/** Accounts that a newcomer may have: root in its own home, or an ordinary user. */
import { chown, mkdtemp, readFile } from 'node:fs/promises'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { npmRegistry } from './command.mjs'

/**
 * @typedef {object} Account
 * @property {string} name
 * @property {string} folder a new one that only the account can enter
 * @property {{uid?: number, gid?: number, env: NodeJS.ProcessEnv}} as how to start programs as the
 * account
 */

export const isRoot = process.getuid?.() === 0

/** The account that runs this, in a folder below its home. @returns {Promise<Account>} */
export async function myself() {
  const folder = await mkdtemp(join(homedir(), '.tract-newcomer-'))
  return { name: isRoot ? 'root in its own home' : 'an ordinary user', folder, as: { env: await environment({}) } }
}

/** With an empty home. @returns {Promise<Account | string>} why there is none */
export async function ordinaryUser() {
  if (!isRoot) return 'only root can become another user'
  const line = (await readFile('/etc/passwd', 'utf8')).split('\n').find((entry) => entry.startsWith('nobody:'))
  if (!line) return 'there is no user "nobody"'
  const [uid, gid] = line.split(':').slice(2, 4).map(Number)
  const folder = await mkdtemp(join(tmpdir(), 'tract-newcomer-'))
  await chown(folder, uid, gid)
  const env = await environment({ HOME: folder, USER: 'nobody', LOGNAME: 'nobody' })
  return { name: 'an ordinary user', folder, as: { uid, gid, env } }
}

/** Without settings of TRACT, and without those that npm hands on to its children. */
async function environment(changes) {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(TRACT_|npm_|DATABASE_URL$|NODE_ENV$|NODE_OPTIONS$)/i.test(name),
  )
  return { ...Object.fromEntries(kept), npm_config_registry: await npmRegistry(), ...changes }
}
