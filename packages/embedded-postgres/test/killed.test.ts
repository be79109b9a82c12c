import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { until } from '@tract/testing/until'
import { furnish, here, insertRows, kept, query, serve, start, useDataDir } from './support/data-dir.js'
import { hasPostmaster, isAlive, postmasterOf, type Service, watchdogOf } from './support/processes.js'

useDataDir()

describe('kill -9', () => {
  async function servedData(): Promise<{ service: Service; home: string; postmaster: number }> {
    furnish()
    const service = serve(here.dataDir)
    const { url = '', home = '' } = await service.outcome
    await insertRows(url)
    return { service, home, postmaster: postmasterOf(home) }
  }

  async function kill(...pids: number[]): Promise<void> {
    for (const pid of pids) process.kill(pid, 'SIGKILL')
    for (const pid of pids) await until(() => !isAlive(pid), `the end of ${pid}`)
  }

  test('of the service: the server ends by itself', async () => {
    const { service, home, postmaster } = await servedData()
    await kill(service.pid)
    await until(() => !isAlive(postmaster), 'the end of the server')
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
    expect(here.said.join()).toContain(`Stopping the database server ${postmaster}`)
  })

  test('of the service and the server: what was committed is there', async () => {
    const { service, postmaster } = await servedData()
    await kill(service.pid, postmaster)
    expect(await kept((await start()).url)).toBe(1000)
  })

  test('of the server: the service starts it again, at the same address', async () => {
    furnish()
    const { home, url } = await start()
    await insertRows(url)
    const postmaster = postmasterOf(home)
    await kill(postmaster)
    await until(
      () =>
        kept(url).then(
          (count) => count === 1000,
          () => false,
        ),
      'a new server',
    )
    expect(postmasterOf(home)).not.toBe(postmaster)
    expect(here.said[0]).toMatch(/ended unexpectedly \(SIGKILL\)/)
    await until(() => here.said.includes('PostgreSQL is up again.'), 'the message')
  })

  test('of a service in the middle of its first start: the next one makes the data', async () => {
    const home = join(here.dataDir, 'postgres')
    const unfinished = () => (existsSync(home) ? readdirSync(home).filter((name) => name.startsWith('data.new')) : [])
    const service = serve(here.dataDir)
    await until(() => unfinished().some((name) => existsSync(join(home, name, 'base'))), 'initdb')
    await kill(service.pid)
    const { url, stop } = await start()
    expect(await query(url, 'SELECT 1 AS one')).toEqual([{ one: 1 }])
    await stop()
    await start()
    expect(unfinished()).toEqual([])
  })
})
