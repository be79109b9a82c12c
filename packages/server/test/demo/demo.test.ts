/** `npm run demo` against the real service, and that it fails loudly: each way in which a hop can go wrong has a test. */

import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { call, ok } from '@tract/testing/call'
import { TestService } from '@tract/testing/service'
import { until } from '@tract/testing/until'

const demoFile = (name: string) => new URL(`../../demo/${name}`, import.meta.url)

interface Party {
  isReady(): Promise<void>
  does(what: string, words?: string): void
  hears(hook: string, fields: object, limitMs?: number): Promise<void>
  heardNothingElse(): void
  leaves(): Promise<void>
}
type NewParty = new (name: string, file: string, environment: object, show: () => void, limitMs?: number) => Party

// The demo is plain JavaScript without types.
const { Party } = (await import(demoFile('party.mjs').href)) as {
  Party: NewParty & { failure: string | undefined; since: number }
}

let folder: string
let service: TestService

beforeAll(async () => {
  service = await TestService.start()
  folder = await mkdtemp(join(tmpdir(), 'tract-demo-'))
  await writeFile(join(folder, 'demo.json'), JSON.stringify(service.demo))
})

afterAll(async () => {
  await service.close()
  await rm(folder, { recursive: true })
})

const runDemo = (dataDir: string) =>
  promisify(execFile)(process.execPath, [fileURLToPath(demoFile('run.mjs'))], {
    env: { ...process.env, TRACT_DATA_DIR: dataDir },
  })

describe('npm run demo', () => {
  test('plays the conversation, checks every delivery, and leaves no hook behind', async () => {
    const { stdout } = await runDemo(folder)
    expect(stdout).toContain('26 deliveries: all came, signed and in order')
    expect(stdout).toMatch(/→ offer to desk [\s\S]*fetched receipt\.png, 151 bytes/)
    const desk = await service.login(service.demo.listeners.desk)
    expect((await ok(desk.get('/tract/hooks/list/'))).hooks).toEqual([])
  })

  test('takes the hooks of its listeners over and says so', async () => {
    const desk = await service.login(service.demo.listeners.desk)
    const hook = { category: 'message', subcategory: 'receive', url: 'http://127.0.0.1:9/elsewhere' }
    await ok(desk.post('/tract/hooks/register/', hook))
    const { stdout } = await runDemo(folder)
    expect(stdout).toContain('unregistered message.receive')
  })

  test('says how to start a service when none runs', async () => {
    const missing = await runDemo(join(folder, 'none')).catch((error) => error)
    expect(missing).toMatchObject({ code: 1, stderr: expect.stringContaining('`npm start`') })
  })
})

describe('a hop that goes wrong', () => {
  let party: Party

  afterEach(() => party.leaves())

  test('unsigned: a forged delivery is refused and reported', async () => {
    const { client_id, client_secret } = service.demo.listeners.message_delivery
    const environment = {
      DEMO_URL: service.url,
      DEMO_CLIENT_ID: client_id,
      DEMO_CLIENT_SECRET: client_secret,
      DEMO_USER: 'u-1',
    }
    party = new Party('message_delivery', 'message-delivery.mjs', environment, () => {})
    await party.isReady()
    const caller = await service.login(service.demo.listeners.message_delivery)
    const [{ url }] = (await ok(caller.get('/tract/hooks/list/'))).hooks
    const body = { user_id: 'u-1', conversation_number: '1', message_body: { text: 'x', type: 'TEXT' }, sender: 'iva' }
    expect((await call(url, { body })).status).toBe(401)
    await expect(party.hears('message.receive', {})).rejects.toThrow('the signature is wrong')
  })

  const delivery = (sequence: number, more: object = {}) => ({
    got: 'message.receive',
    payload: { message_id: sequence },
    id: `id-${sequence}`,
    sequence,
    ...(sequence > 1 && { previous: `id-${sequence - 1}` }),
    ...more,
  })

  /** A party whose process reports these. */
  async function reporting(...reports: { [field: string]: unknown }[]): Promise<Party> {
    const file = join(folder, 'scripted.mjs')
    await writeFile(
      file,
      `const reports = ${JSON.stringify(reports)}
       process.on('disconnect', () => process.exit())
       process.on('message', () => {
         for (const report of reports) process.send(report)
       })
       process.send({ ready: true })`,
    )
    party = new Party('desk', pathToFileURL(file).href, {}, () => {})
    Party.failure = undefined
    await party.isReady()
    party.does('begin')
    return party
  }

  test('nothing is wrong with what comes in order', async () => {
    await reporting(delivery(1), delivery(2))
    await party.hears('message.receive', { message_id: 1 })
    await party.hears('message.receive', { message_id: 2 })
    party.heardNothingElse()
  })

  test('missing: it never comes', async () => {
    await reporting()
    await expect(party.hears('message.receive', {}, 50)).rejects.toThrow('missing: desk, delivery 1, message.receive')
  })

  test('missing: another one comes in its place', async () => {
    await reporting(delivery(1, { payload: { message_id: 2 } }))
    await expect(party.hears('message.receive', { message_id: 1 })).rejects.toThrow('instead came message.receive')
  })

  test('late', async () => {
    await reporting(delivery(1))
    Party.since -= 60_000
    await expect(party.hears('message.receive', {})).rejects.toThrow('late: desk, delivery 1')
  })

  test('out of order: a number is left out', async () => {
    await reporting(delivery(2))
    await expect(party.hears('message.receive', {})).rejects.toThrow('out of order: desk, delivery 1')
  })

  test('out of order: the one before is not the one that came before', async () => {
    await reporting(delivery(1), delivery(2, { previous: 'id-0' }))
    await party.hears('message.receive', {})
    await expect(party.hears('message.receive', {})).rejects.toThrow('out of order: desk, delivery 2')
  })

  test('more comes than was meant for it', async () => {
    await reporting(delivery(1), delivery(2))
    await party.hears('message.receive', {})
    const complaint = await until(() => {
      try {
        party.heardNothingElse()
        return undefined
      } catch (error) {
        return error as Error
      }
    })
    expect(complaint.message).toContain('desk heard something that is not for it')
  })

  test('the program of the party fails', async () => {
    await reporting({ failed: 'no access token' })
    await expect(party.hears('message.receive', {})).rejects.toThrow('desk: no access token')
  })
})
