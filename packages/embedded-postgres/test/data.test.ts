import { existsSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import pg from 'pg'
import { DataInUseError } from '../src/index.js'
import { furnish, here, insertRows, kept, query, refusal, serve, start, useDataDir } from './support/data-dir.js'
import { hasPostmaster } from './support/processes.js'

useDataDir()

describe('the embedded PostgreSQL', () => {
  test('keeps its data over a restart', async () => {
    const first = await start()
    expect(first.home).toBe(join(here.dataDir, 'postgres'))
    expect(first.notice).toBeUndefined()
    await insertRows(first.url)
    await first.stop()
    expect(hasPostmaster(first.home)).toBe(false)
    await expect(query(first.url, 'SELECT 1')).rejects.toThrow()

    const second = await start()
    expect(await kept(second.url)).toBe(1000)
    expect(here.said).toEqual([])
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
    for (const name of ['one', 'other']) furnish(join(here.folder, name))
    const [one, other] = await Promise.all([start(join(here.folder, 'one')), start(join(here.folder, 'other'))])
    await insertRows(one.url)
    expect(await query(other.url, "SELECT to_regclass('kept') AS kept")).toEqual([{ kept: null }])
  })

  test('takes a data dir with any name, and one whose path is too long for a socket', async () => {
    const strange = join(here.folder, `a, "b" 'c' ü %20 $HOME`)
    furnish(strange)
    const odd = await start(strange)
    await insertRows(odd.url)
    expect(await kept(odd.url)).toBe(1000)

    const deep = join(here.folder, ...Array.from({ length: 6 }, () => 'a-rather-long-folder-name'))
    furnish(deep)
    const long = await start(deep)
    await insertRows(long.url)
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
    expect(error.message).toContain(`${here.dataDir} is in use by process ${process.pid}`)

    const other = await serve(here.dataDir).outcome
    expect(other.error).toBe('DataInUseError')
    expect(other.message).toContain(`${here.dataDir} is in use by process ${process.pid}`)
    expect(await query(url, 'SELECT 1 AS one')).toEqual([{ one: 1 }])
  })

  test('of several first starts at once one gets the data', async () => {
    const outcomes = await Promise.all(Array.from({ length: 4 }, () => serve(here.dataDir).outcome))
    expect(outcomes.filter((line) => line.url)).toHaveLength(1)
    expect(outcomes.filter((line) => line.error === 'DataInUseError')).toHaveLength(3)
  })

  test('goes through when the number of the dead owner, or of its server, is another process by now', async () => {
    furnish()
    const { home, url, stop } = await start()
    await insertRows(url)
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
    expect(here.said.join()).toMatch(/waiting to see whether that one lives/)
  })

  test('a file that a power cut left empty is no owner', async () => {
    furnish()
    const { home, stop } = await start()
    await stop()
    writeFileSync(join(home, 'owner.json'), '')
    await start()
  })
})

test('Ctrl-C reaches the service alone, which stops the server when it has no more use for it', async () => {
  furnish()
  const service = serve(here.dataDir, { detached: true })
  const { home = '' } = await service.outcome
  process.kill(-service.pid, 'SIGINT')
  await service.exited
  expect(service.child.exitCode).toBe(0)
  expect(service.lines).toContainEqual({ stopping: 'SIGINT', answer: 42 })
  expect(hasPostmaster(home)).toBe(false)
})
