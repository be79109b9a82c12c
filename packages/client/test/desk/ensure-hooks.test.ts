/** Hooks that are registered at every start, and whose secrets no crash loses. */
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { type EnsureHooksOptions, ensureHooks, type KeptSecrets } from '../../src/desk/index.js'
import { AbortError, AuthenticationError, type Tract } from '../../src/index.node.js'
import { fileSecrets } from '../../src/node/index.js'
import type { HookName } from '../../src/webhooks/index.js'
import { Desk } from '../support/desk.js'
import type { Fault } from '../support/fault-proxy.js'

const ROTATE = '/tract/hooks/rotate_secret/'
const REGISTER = '/tract/hooks/register/'
const URL_HERE = 'http://127.0.0.1:9/desk'
const HOOKS: HookName[] = ['message.receive', 'thread_control.assigned']

let desk: Desk
let tract: Tract
let folder: string
let path: string

beforeAll(async () => {
  desk = await Desk.open()
})
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tract-secrets-'))
  path = join(folder, 'secrets.json')
  tract = desk.tract({ maxRetries: 0 })
  for await (const { id } of tract.hooks.list()) await tract.hooks.unregister({ id })
  desk.proxy.reset()
})
afterEach(async () => {
  desk.proxy.reset()
  await tract.close()
  await rm(folder, { recursive: true })
})
afterAll(() => desk.close())

const ensure = (options: Partial<EnsureHooksOptions> = {}) =>
  ensureHooks(tract, { url: URL_HERE, hooks: HOOKS, secrets: fileSecrets(path), ...options })

const kept = async () => (await fileSecrets(path).load()) ?? {}
const listed = async () => {
  const hooks = []
  for await (const { category, subcategory, url, status } of desk.platform('desk').hooks.list())
    hooks.push(`${category}.${subcategory} ${url} ${status}`)
  return hooks.sort()
}
const changes = () => desk.proxy.seen.filter(({ path: at }) => at === REGISTER || at === ROTATE).length

/** The faults befall the calls of a path in turn; then all goes well. */
function befall(at: string, ...faults: Fault[]): void {
  desk.proxy.fault = (call) => (call.path === at ? faults.shift() : undefined)
}

test('registers what is missing, and a second run changes nothing', async () => {
  const secrets = await ensure()
  expect(secrets).toEqual([expect.stringMatching(/^whsec_/), expect.stringMatching(/^whsec_/)])
  expect(await listed()).toEqual(HOOKS.map((name) => `${name} ${URL_HERE} active`))
  const [before, calls] = [await kept(), changes()]
  expect(calls).toBe(2)
  expect(await ensure()).toEqual(secrets)
  expect([await kept(), changes()]).toEqual([before, calls])
})

test("takes the receiver's handlers in place of a list", async () => {
  await ensure({ hooks: { 'message.receive': () => {}, 'thread_control.assigned': () => {} } })
  expect(await listed()).toEqual(HOOKS.map((name) => `${name} ${URL_HERE} active`))
  // @ts-expect-error no such hook
  const misspelled: EnsureHooksOptions['hooks'] = { 'message.recieve': () => {} }
  void misspelled
})

test('moves and enables, with the same secrets, and leaves other hooks alone', async () => {
  await tract.hooks.register({ category: 'message', subcategory: 'read', url: URL_HERE })
  const secrets = await ensure()
  const [first] = Object.keys(await kept())
  await tract.hooks.disable({ id: first as string })
  expect(await ensure({ url: (name) => `${URL_HERE}/${name}` })).toEqual(secrets)
  const moved = HOOKS.map((name) => `${name} ${URL_HERE}/${name} active`)
  expect(await listed()).toEqual([...moved, `message.read ${URL_HERE} active`].sort())
})

test('a secret that is lost, with its answer, by a crash or with its file, is replaced', async () => {
  befall(REGISTER, 'answer lost')
  const first = await ensure()
  expect(first).toHaveLength(2)
  await rm(path)
  const second = await ensure()
  expect(second).toHaveLength(2)
  expect(second.filter((secret) => first.includes(secret))).toEqual([])
})

test('is saved before it is used, and that a rotation begins is saved before it is asked for', async () => {
  const saved: KeptSecrets[] = []
  const crash = new Error('the process dies')
  let survives = 1
  const dying = (load?: KeptSecrets) => ({
    load: () => load,
    save: (secrets: KeptSecrets) => {
      if (saved.length >= survives) throw crash
      saved.push(secrets)
    },
  })
  const hooks: HookName[] = ['message.receive']
  await ensure({ hooks, secrets: dying() })
  const [{ secret } = { secret: '' }] = Object.values(saved[0] ?? {})

  survives = 2 // that it begins is saved, and what it gave is not
  await expect(ensure({ hooks, secrets: dying(saved[0]), rotateAfterMs: -1 })).rejects.toBe(crash)
  expect(Object.values(saved[1] ?? {})).toMatchObject([{ secret, changing: true }])
  expect(desk.proxy.of(ROTATE)).toHaveLength(1)

  survives = Number.POSITIVE_INFINITY
  const secrets = await ensure({ hooks, secrets: dying(saved[1]) })
  expect(desk.proxy.of(ROTATE)).toHaveLength(2)
  expect(secrets).toEqual([expect.not.stringMatching(secret ?? ''), secret])
  expect(Object.values(saved.at(-1) ?? {})[0]).not.toHaveProperty('changing')
})

test('rotates what is too old, keeps the former for a day, and forgets what is gone', async () => {
  const day = 24 * 3_600_000
  const hooks: HookName[] = ['message.receive']
  const [first] = await ensure({ hooks })
  const age = async (ms: number) => {
    const old = Object.entries(await kept()).map(([id, hook]) => [
      id,
      { ...hook, since: new Date(Date.now() - ms).toISOString() },
    ])
    await fileSecrets(path).save(Object.fromEntries(old))
  }
  await age(31 * day)
  const [second, former] = await ensure({ hooks, rotateAfterMs: 30 * day })
  expect([second === first, former]).toEqual([false, first])
  await age(23 * 3_600_000)
  expect(await ensure({ hooks, rotateAfterMs: 30 * day })).toEqual([second, first])
  await age(2 * day)
  expect(await ensure({ hooks, rotateAfterMs: 30 * day })).toEqual([second])
  await tract.hooks.unregister({ id: Object.keys(await kept())[0] as string })
  expect(await ensure({ hooks: [] })).toEqual([])
  expect(await kept()).toEqual({})
})

test('waits for a service that is down, and until then can be ended', async () => {
  const down = () => befall('/tract/hooks/list/', ...Array<Fault>(4).fill('lost on the way'))
  down()
  expect(await ensure()).toHaveLength(2)
  desk.proxy.fault = () => 'lost on the way'
  await expect(ensure({ signal: AbortSignal.timeout(300) })).rejects.toThrow(AbortError)
})

test('does not wait where it is refused', async () => {
  tract = desk.tract({})
  const { clientId } = desk.credentials('desk')
  const { Tract: Client } = await import('../../src/index.node.js')
  const stranger = new Client({ baseUrl: desk.proxy.url, clientId, clientSecret: 'wrong' })
  await expect(ensureHooks(stranger, { url: URL_HERE, hooks: HOOKS, secrets: fileSecrets(path) })).rejects.toThrow(
    AuthenticationError,
  )
  await stranger.close()
  expect(await readdir(folder)).toEqual([])
})

test('secrets are for their owner alone, and the file of something else is refused', async () => {
  await ensure()
  expect((await stat(path)).mode & 0o077).toBe(0)
  for (const contents of ['', '[]', '{"clientSecret":"s3cret"}', 'null']) {
    await writeFile(path, contents)
    await expect(ensure()).rejects.toThrow(`${path} holds no secrets of hooks`)
    await expect(ensure()).rejects.not.toThrow('s3cret')
  }
})
