/** One start in several processes: to those who use it, it is one service. */
import { rm, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { login } from '@tract/testing/call'
import { freePort } from '@tract/testing/listen'
import { createDatabase, type TestDatabase } from '@tract/testing/postgres'
import type { Program } from '@tract/testing/program'
import { Receiver } from '@tract/testing/receiver'
import { until } from '@tract/testing/until'
import { World } from '@tract/testing/world'
import type { Credentials } from '../../src/accounts/first-start.js'
import { readConfig } from '../../src/config.js'
import { makeAuthority } from '../support/certificates.js'
import { BUNDLED, Starts } from './started.js'

const USERS = 20
const OF_EACH = 15

let database: TestDatabase
let starts: Starts
let receiver: Receiver
let operationsPort: number
let started: Program
beforeAll(async () => {
  database = await createDatabase()
  starts = await Starts.create(BUNDLED)
  receiver = await Receiver.start()
  operationsPort = await freePort()
  await writeFile(caFile(), makeAuthority('of nothing').cert)
  started = await starts.run(settings())
})
afterAll(async () => {
  await receiver.close()
  await starts.close()
  await database.drop()
})

const caFile = () => join(starts.folder, 'ca.pem')
const settings = () => ({
  ...{ DATABASE_URL: database.url, TRACT_PROCESSES: '2', TRACT_OPERATIONS_PORT: `${operationsPort}` },
  ...{ TRACT_SANDBOX: 'off', TRACT_LOG_LEVEL: 'info', TRACT_CA_FILE: caFile() },
})
const api = () => `http://127.0.0.1:${starts.port}`
const operations = (path: string) => fetch(`http://127.0.0.1:${operationsPort}${path}`)

/** What was logged so far, in whole lines. */
const lines = () =>
  started.stdout
    .split('\n')
    .slice(0, -1)
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line))

/** The processes that have begun to listen in that place, the latest last, once there were as many; the log is written behind what it tells of. */
const listening = (number: number, count = 1): Promise<number[]> =>
  until(() => {
    const told = lines().filter((line) => line.msg === 'a process listens' && line.number === number)
    return told.length >= count ? told.map((line) => line.processId) : undefined
  }, `process ${number} listens`)

const isThere = (processId: number) => {
  try {
    return process.kill(processId, 0)
  } catch {
    return false
  }
}

test('health is that of all, and metrics are by process', async () => {
  for (const path of ['/healthz', '/readyz'])
    for (const response of [await operations(path), await fetch(api() + path)])
      expect([response.status, await response.json()]).toEqual([200, { status: 'ok' }])
  const page = await (await operations('/metrics')).text()
  const starting = [...page.matchAll(/^process_start_time_seconds\{process="(\w+)"\} [\d.]+$/gm)]
  expect(starting.map(([, name]) => name).sort()).toEqual(['1', '2', 'parent'])
  for (const name of page.matchAll(/^# TYPE (\S+)/gm))
    expect(page.match(new RegExp(`^# TYPE ${name[1]} `, 'gm'))).toHaveLength(1)
  expect(started.said.match(/TRACT is running/g)).toHaveLength(1)
})

interface Taken {
  /** What the answer says is left of the limit. */
  left: number
  requestId: string
}

/** A call on a connection of its own, which any of the processes may take. */
const ask = (token: string): Promise<Taken> =>
  new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
    request(`${api()}/tract/whoami/`, { method: 'POST', agent: false, headers }, (response) => {
      const { 'ratelimit-remaining': left, 'x-request-id': requestId } = response.headers
      response.resume().on('end', () => resolve({ left: Number(left), requestId: String(requestId) }))
    })
      .on('error', reject)
      .end('{}')
  })

/** Which process answered, by its line of the log. */
const processOf = ({ requestId }: Taken): Promise<string> =>
  until(() => lines().find((line) => line.requestId === requestId)?.process, 'the line of a call')

test('a client has one limit, whichever takes its calls, and their log is one', async () => {
  const { listeners } = await starts.demo()
  const { token } = await login(api(), listeners.desk as Credentials)
  let pause = 250
  await until(async () => {
    const one = await ask(token)
    await sleep(pause)
    const other = await ask(token)
    if ((await processOf(one)) === (await processOf(other))) return false
    // the next look comes when each surely knows
    pause *= 1.5
    await sleep(pause)
    return one.left - other.left === 1
  }, 'one count of both')
  const processes = () => new Set(lines().map((line) => line.process))
  await until(() => processes().size === 3, 'a line of each')
  expect([...processes()].sort()).toEqual(['1', '2', 'parent'])
})

test('a conversation goes on in order while one of them is killed, and another takes its place', async () => {
  const { admin } = await starts.demo()
  const service = {
    admin: () => login(api(), admin),
    login: (client: typeof admin) => login(api(), client),
    receiver: Receiver.start,
  }
  const world = await World.on(service, { md: 'md', iva: 'iva' })
  await receiver.hear(world.listeners.iva, 'message.receive')
  const write = async (user: number, number: number): Promise<unknown> => {
    const key = { 'idempotency-key': `${user}-${number}` }
    return world.write(`user ${user}`, `${number}`, key).catch(() => write(user, number))
  }
  const ofUser = async (user: number) => {
    for (let number = 0; number < OF_EACH; number++) await write(user, number)
  }
  let isBack = false
  const { token } = world.listeners.iva
  // each on a connection that is new, and may be on its way to the process that is killed
  const calling = Array.from({ length: USERS }, async () => {
    while (!isBack) await ask(token).catch(() => {})
  })
  const writing = Promise.all(Array.from({ length: USERS }, (_, user) => ofUser(user)))
  await until(() => receiver.received.length > 50, 'the first deliveries')
  const [killed] = (await listening(1)) as [number]
  process.kill(killed, 'SIGKILL')
  await writing
  const page = async () => (await operations('/metrics')).text()
  await until(async () => (await page()).includes('tract_process_restarts_total{process="1"} 1\n'), 'the restart')
  await listening(1, 2)
  isBack = true
  // answered or broken off, none is left to wait
  await Promise.all(calling)

  await until(() => new Set(receiver.received.map(({ id }) => id)).size === USERS * OF_EACH, 'every message')
  for (let user = 0; user < USERS; user++) {
    const ofOne = receiver.received.filter(({ body }) => body.user_id === `user ${user}`)
    // one that was made again counts as it came first
    const numbers = new Set(ofOne.map(({ body }) => Number(body.message_body.text)))
    expect([...numbers]).toEqual(Array.from({ length: OF_EACH }, (_, number) => number))
  }
}, 600_000)

test('all of them stop with the parent, in order', async () => {
  const both = [(await listening(1, 2)).at(-1), (await listening(2)).at(-1)] as number[]
  expect(both.map(isThere)).toEqual([true, true])
  expect(await started.stop()).toBe(0)
  expect(started.said).toMatch(/SIGTERM: finishing what is under way …\n(\{.*\n)*TRACT has stopped\.\n$/)
  expect(both.map(isThere)).toEqual([false, false])
})

test('none is left by a parent that is killed', async () => {
  started = await starts.run(settings())
  const both = [...(await listening(1)), ...(await listening(2))]
  await started.stop('SIGKILL')
  await until(() => !both.some(isThere), 'the end of both')
})

test('a wrong setting ends all, in a sentence', async () => {
  started = await starts.run(settings())
  await rm(caFile())
  process.kill((await listening(2))[0] as number, 'SIGKILL')
  expect(await started.ended).toBe(1)
  expect(started.stderr).toMatch(/TRACT cannot go on\.\nTRACT_CA_FILE .*\n$/)
})

test('their number is one, or as many as there are cores', () => {
  expect(readConfig({}).processes).toBe(1)
  expect(readConfig({ TRACT_PROCESSES: 'auto' }).processes).toBeGreaterThanOrEqual(1)
  for (const wrong of ['0', '257', 'many'])
    expect(() => readConfig({ TRACT_PROCESSES: wrong })).toThrow(
      `TRACT_PROCESSES must be an integer from 1 to 256, or auto, not '${wrong}'`,
    )
})
