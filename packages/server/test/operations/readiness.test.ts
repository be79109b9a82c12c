import { execFileSync } from 'node:child_process'
import { chown, mkdtemp, open, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { Caller } from '@tract/testing/call'
import { DatabaseWay } from '@tract/testing/database-way'
import { freePort } from '@tract/testing/listen'
import type { Lock } from '@tract/testing/lock'
import { execute, withDatabase } from '@tract/testing/postgres-server'
import { TestService } from '@tract/testing/service'
import { Stored } from '@tract/testing/stored'
import { until } from '@tract/testing/until'
import pg from 'pg'
import { type NotReady, Readiness } from '../../src/api/readiness.js'

const readyz = async (url: string) => {
  const response = await fetch(`${url}/readyz`)
  return { status: response.status, reason: ((await response.json()) as { reason?: NotReady }).reason }
}

describe('a database in which nothing can be written', () => {
  let way: DatabaseWay
  let service: TestService
  let md: Caller
  let ports: string[]

  beforeAll(async () => {
    service = await TestService.start({
      environment: { TRACT_OPERATIONS_PORT: '0' },
      route: async (url) => {
        way = await DatabaseWay.open(() => url)
        return way.url
      },
    })
    md = (await service.world({ md: 'md', iva: 'iva' })).listeners.md
    ports = [service.url, service.service.operationsUrl as string]
  })
  afterAll(async () => {
    await service.close()
    await way.close()
  })

  const run = (statement: string) => execute(service.databaseUrl, statement)
  const readOnly = (setting: string) => async () => {
    const name = new URL(service.databaseUrl).pathname.slice(1)
    // from elsewhere: in the database itself, it could not be taken back
    const elsewhere = withDatabase(service.databaseUrl, 'postgres')
    await execute(elsewhere, `alter database ${name} ${setting}`)
    await execute(elsewhere, `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${name}'`)
  }
  const noRoom = (how: string) => async () => {
    await run(`create or replace function no_room() returns trigger language plpgsql as $$
      begin raise exception 'could not extend file: No space left on device' using errcode = '53100'; end $$`)
    for (const table of ['write_probes', 'users', 'threads', 'messages'])
      await run(`create ${how.replace('TABLE', table)} execute function no_room()`)
  }
  const room = async () => {
    await run('drop function no_room cascade')
  }

  test.each<[string, () => Promise<unknown>, () => Promise<unknown>]>([
    ['that is read only', readOnly('set default_transaction_read_only = on'), readOnly('reset all')],
    ['that is out of reach', async () => way.turn('cut'), async () => way.turn('open')],
    ['whose disk is full', noRoom('trigger t after insert or update on TABLE for each statement'), room],
    [
      'whose disk is full at the commit',
      noRoom('constraint trigger t after insert or update on TABLE deferrable initially deferred for each row'),
      room,
    ],
  ])('%s is no ready service, at either port, and calls are told to come again', async (_, spoil, mend) => {
    for (const port of ports) expect(await readyz(port)).toEqual({ status: 200 })
    await spoil()
    for (const port of ports)
      await until(async () => (await readyz(port)).reason === 'nothing can be written', 'the answer of not ready')
    for (const port of ports) expect((await readyz(port)).status).toBe(503)
    const body = { user_id: 'asha', sender: 'ceu', message_body: 'Hello', user: {} }
    const refused = await md.post('/platform/message/send/', body)
    expect([refused.status, refused.body.code]).toEqual([503, 'unavailable'])
    for (const port of ports) expect((await fetch(`${port}/healthz`)).status).toBe(200)
    await mend()
    for (const port of ports) await until(async () => (await readyz(port)).status === 200, 'ready again')
    await until(async () => (await md.post('/platform/message/send/', body)).status === 200, 'the message')
  })
})

/** A file system of 64 MB, where this process may mount one. */
async function smallDisk(): Promise<string | null> {
  const folder = await mkdtemp(join(tmpdir(), 'tract-disk-'))
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64m,mode=711', 'tmpfs', folder], { stdio: 'ignore' })
    return folder
  } catch {
    await rm(folder, { recursive: true })
    return null
  }
}

/** Moves a database that is not used yet to the disk. */
async function moveTo(disk: string, databaseUrl: string): Promise<string> {
  const name = new URL(databaseUrl).pathname.slice(1)
  const server = new pg.Client({ connectionString: withDatabase(databaseUrl, 'postgres') })
  await server.connect()
  const { rows } = await server.query<{ folder: string }>(`select current_setting('data_directory') as folder`)
  const { uid, gid } = await stat((rows[0] as { folder: string }).folder)
  await chown(disk, uid, gid)
  await server.query(`create tablespace ${name} location '${disk}'`)
  await server.query(`alter database ${name} set tablespace ${name}`)
  await server.end()
  return databaseUrl
}

test('a disk that is really full makes the service not ready, and room makes it ready', async () => {
  const disk = await smallDisk()
  if (disk === null) return console.warn('not shown: it takes the right to mount a file system')
  const route = (url: string) => moveTo(disk, url)
  const service = await TestService.start({ environment: { TRACT_OPERATIONS_PORT: '0' }, route })
  try {
    await fillAndEmpty(service, disk)
  } finally {
    await service.close()
    const name = new URL(service.databaseUrl).pathname.slice(1)
    await execute(withDatabase(service.databaseUrl, 'postgres'), `drop tablespace ${name}`)
    execFileSync('umount', [disk])
    await rm(disk, { recursive: true })
  }
})

async function fillAndEmpty(service: TestService, disk: string): Promise<void> {
  const ports = [service.url, service.service.operationsUrl as string]
  const { md } = (await service.world({ md: 'md', iva: 'iva' })).listeners
  const send = (text: string) =>
    md.post('/platform/message/send/', { user_id: 'asha', sender: 'ceu', message_body: text, user: {} })
  for (const port of ports) expect((await readyz(port)).status).toBe(200)

  const filling = await open(join(disk, 'filling'), 'w')
  const fill = async () => {
    const written = await filling.write(Buffer.alloc(4_096)).catch(({ code }) => code)
    return written === 'ENOSPC'
  }
  while (!(await fill()));
  for (const port of ports)
    await until(async () => (await readyz(port)).reason === 'nothing can be written', 'the answer of not ready')
  // what finds room in pages that there are may still be accepted; what does not is refused
  await until(async () => (await send('x'.repeat(60_000))).status === 503, 'a call for which there is no room')
  expect(await readyz(service.url)).toEqual({ status: 503, reason: 'nothing can be written' })

  await filling.truncate(0)
  await filling.close()
  for (const port of ports) await until(async () => (await readyz(port)).status === 200, 'ready again')
  await until(async () => (await send('Hello')).status === 200, 'the message')
}

test('a service that starts is ready at neither port', async () => {
  const ports = [await freePort(), await freePort()]
  let stored: Stored | undefined
  let lock: Lock | undefined
  const started = TestService.start({
    environment: { TRACT_PORT: `${ports[0]}`, TRACT_OPERATIONS_PORT: `${ports[1]}` },
    route: async (databaseUrl) => {
      stored = new Stored(databaseUrl)
      // what a start waits for
      lock = await stored.lock('dispatchers')
      return databaseUrl
    },
  })
  try {
    await until(() => lock?.waiting(), 'the start to wait for the database')
    for (const port of ports) {
      // nothing listens yet, or it says that it starts
      const answer = fetch(`http://127.0.0.1:${port}/readyz`, { signal: AbortSignal.timeout(1_000) })
      expect(
        await answer.then(
          ({ status }) => status,
          () => 503,
        ),
      ).toBe(503)
    }
  } finally {
    await lock?.release()
    await stored?.close()
    await (await started).close()
  }
})

describe('what is asked of readiness', () => {
  const failing = () => Promise.reject(new Error('no room'))

  test('is answered by one write for all who ask at the same time', async () => {
    let writes = 0
    const readiness = new Readiness({ write: async () => void writes++, onChange: () => {} })
    readiness.started()
    const answers = await Promise.all(Array.from({ length: 100 }, () => readiness.whyNot()))
    expect(new Set(answers)).toEqual(new Set([null]))
    expect(writes).toBe(1)
  })

  test('does not wait for a write that does not end', async () => {
    const readiness = new Readiness({ write: () => new Promise(() => {}), onChange: () => {} })
    readiness.started()
    expect(await readiness.whyNot()).toBe('nothing can be written')
  })

  test('is told to the log when it changes only', async () => {
    const told: (string | undefined)[] = []
    let write = () => Promise.resolve()
    const readiness = new Readiness({ write: () => write(), onChange: (error) => told.push(error?.message) })
    readiness.started()
    expect(await readiness.whyNot()).toBeNull()
    write = failing
    await until(async () => (await readiness.whyNot()) !== null, 'not ready')
    write = () => Promise.resolve()
    await until(async () => (await readiness.whyNot()) === null, 'ready')
    expect(told).toEqual(['no room', undefined])
  })

  test('is no while the process starts and stops, whatever can be written', async () => {
    const readiness = new Readiness({ write: async () => {}, onChange: () => {} })
    expect(await readiness.whyNot()).toBe('starting')
    readiness.started()
    expect(await readiness.whyNot()).toBeNull()
    readiness.stopping()
    expect(await readiness.whyNot()).toBe('stopping')
  })
})
