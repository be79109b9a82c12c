import { once } from 'node:events'
import { chmod, readFile, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { listen } from '@tract/testing/listen'
import { TestService } from '@tract/testing/service'
import type { ProcessIo } from '../src/process-io.js'
import { run } from '../src/run.js'
import { Cli } from './support/cli.js'

let service: TestService
let cli: Cli

beforeAll(async () => {
  service = await TestService.start()
})
afterAll(() => service.close())
beforeEach(async () => {
  cli = await Cli.create()
})
afterEach(() => cli.close())

const stored = () => join(cli.folder, 'profiles.json')
const modeOf = async (file: string) => ((await stat(file)).mode & 0o777).toString(8)
const everything = ({ stdout, stderr }: { stdout: string; stderr: string }) => stdout + stderr

test('keeps every client that the service wrote down, where only the user can read it', async () => {
  const ended = await cli.run('login', '--from', join(service.dataDir, 'demo.json'), '--json')
  expect(ended.exit).toBe(0)
  expect(ended.json).toEqual({
    profiles: ['iva', 'message_delivery', 'desk', 'operator'],
    current: 'desk',
    url: service.url,
  })
  expect(await modeOf(stored())).toBe('600')
  const list = await cli.run('profiles', 'list')
  expect(list.stdout).toMatch(/^\*\s+desk\s+desk/m)
  for (const secret of Object.values(service.demo.listeners).map((client) => client.client_secret))
    expect(everything(ended) + everything(list)).not.toContain(secret)
  expect((await cli.run('hooks', 'list', '--json')).json).toEqual([])
})

test('takes a secret from standard input or the environment, and calls the profile after the listener', async () => {
  const { client_id, client_secret } = service.demo.listeners.iva
  const piped = ['login', '--client-id', client_id, '--secret-stdin', '--url', service.url]
  const ended = await cli.runWith({ input: `${client_secret}\n` }, ...piped)
  expect([ended.exit, ended.stdout]).toEqual([0, `Logged in at ${service.url} as iva; the profile is iva.\n`])
  const env = { TRACT_CLIENT_SECRET: client_secret, TRACT_CLIENT_ID: client_id, TRACT_URL: service.url }
  expect((await cli.runWith({ env }, 'login', '--profile', 'second', '--json')).json.profile).toBe('second')
  expect((await cli.run('profiles', 'use', 'iva')).exit).toBe(0)
  expect((await cli.run('profiles', 'remove', 'second')).exit).toBe(0)
  expect(Object.keys(JSON.parse(await readFile(stored(), 'utf8')).profiles)).toEqual(['iva'])
  // without a profile the environment does
  await cli.run('profiles', 'remove', 'iva')
  expect((await cli.runWith({ env }, 'hooks', 'list', '--json')).json).toEqual([])
})

test('keeps nothing that does not let in', async () => {
  const { client_id } = service.demo.listeners.desk
  const ended = await cli.runWith(
    { env: { TRACT_CLIENT_SECRET: 'wrong' } },
    ...['login', '--client-id', client_id, '--url', service.url],
  )
  expect(ended.exit).toBe(1)
  expect(ended.stderr).toMatch(/^error: .+\nLog in again with `tract login`/)
  await expect(stat(stored())).rejects.toThrow('ENOENT')
})

describe('of a file', () => {
  const wrong = { client_id: '01920c6e-7a00-7c3e-9d55-2b8f0c9d4e11', client_secret: 'of a start that failed half-way' }
  const file = () => join(cli.folder, 'written.json')
  const write = (changed: object) => writeFile(file(), JSON.stringify({ ...service.demo, ...changed }))

  test('each client is tried before it is kept', async () => {
    await write({ sandbox: { iva: wrong, desk: service.demo.listeners.desk } })
    const ended = await cli.run('login', '--from', file())
    expect(ended.exit).toBe(1)
    expect(ended.stdout).toMatch(/the profiles are iva, message_delivery, desk, sandbox-desk, operator, and desk is/)
    expect(ended.stderr).toMatch(/refuses it: sandbox-iva \(.+\)\nStart the service again/)
    const { profiles } = JSON.parse(await readFile(stored(), 'utf8'))
    expect(Object.keys(profiles)).toEqual(['iva', 'message_delivery', 'desk', 'sandbox-desk', 'operator'])
    const json = (await cli.run('login', '--from', file(), '--json')).json
    expect([json.current, Object.keys(json.refused)]).toEqual(['desk', ['sandbox-iva']])
  })

  test.each(['null', '[]', '7', '{"client_id":"a"}', '{"url":"http://localhost:1","listeners":{"desk":null}}'])(
    '%s is told from one with clients',
    async (text) => {
      await writeFile(file(), text)
      const ended = await cli.run('login', '--from', file())
      expect([ended.exit, ended.stderr]).toEqual([2, expect.stringContaining('holds no clients of a service')])
    },
  )

  test('nothing is kept where the one that is wanted is refused, or the service is not there', async () => {
    await write({ listeners: { ...service.demo.listeners, desk: wrong } })
    expect((await cli.run('login', '--from', file())).exit).toBe(1)
    await write({ url: 'http://127.0.0.1:9' })
    expect((await cli.run('login', '--from', file())).exit).toBe(3)
    await expect(stat(stored())).rejects.toThrow('ENOENT')
  })
})

test.each([
  [2, ['hooks', 'list'], {}, /No client is logged in.+\n.*tract login/],
  [2, ['hooks', 'list'], { TRACT_CLIENT_ID: 'a' }, /TRACT_CLIENT_SECRET is not/],
  [2, ['login', '--client-id', 'a'], {}, /secret is missing.+\n.*--secret-stdin/],
  [2, ['hooks', 'list', '--profile', 'nobody'], {}, /There is no profile 'nobody'/],
  [1, ['profiles', 'list'], { TRACT_CONFIG_DIR: '/dev/null' }, /^error: ENOTDIR.+\/dev\/null\/profiles.json'\n$/],
  [2, ['hook', 'list'], {}, /Did you mean hooks\?/],
  [2, ['hooks', 'register', 'mesage.recieve', '--to', 'https://a.example'], {}, /Did you mean message.receive\?/],
  [2, ['hooks', 'register', 'message.receive'], {}, /--to <url>.+not specified/],
  [2, ['doctor', 'localhost:3000'], {}, /no http or https URL/],
  [
    3,
    ['hooks', 'list'],
    { TRACT_CLIENT_ID: 'a', TRACT_CLIENT_SECRET: 'b', TRACT_URL: 'http://127.0.0.1:9' },
    /not reached/,
  ],
  [0, ['--help'], {}, /^$/],
])('ends with %d at %j', async (exit, args, env, said) => {
  const ended = await cli.runWith({ env }, ...args)
  expect([ended.exit, ended.stderr]).toEqual([exit, expect.stringMatching(said)])
})

test('ends at once when it is interrupted', async () => {
  const silent = createServer()
  const port = await listen(silent)
  const connected = once(silent, 'connection')
  const { client_id, client_secret } = service.demo.listeners.desk
  await cli.profiles(`http://localhost:${port}`, { desk: { client_id, client_secret } })
  const running = cli.start('hooks', 'list')
  await connected
  expect((await running.interrupt()).exit).toBe(130)
  silent.close()
})

test.each(['\u0003', '\u0004'])('ends without a word where a person breaks off what it asks: %j', async (key) => {
  const [stdin, stdout, stderr] = [0, 1, 2].map(() => Object.assign(new PassThrough(), { isTTY: true }))
  const interruption = { signal: new AbortController().signal, isTakenOn: false }
  const io = { env: { TRACT_CONFIG_DIR: cli.folder }, stdin, stdout, stderr, interruption } as unknown as ProcessIo
  const ended = run(['login'], io)
  stdin?.write(key)
  expect(await ended).toBe(130)
})

test('tells a program what is wrong as JSON, and nothing else on standard output', async () => {
  const env = { TRACT_CLIENT_ID: 'nobody', TRACT_CLIENT_SECRET: 'b', TRACT_URL: service.url }
  const ended = await cli.runWith({ env }, 'hooks', 'list', '--json')
  expect([ended.exit, ended.stdout]).toEqual([1, ''])
  expect(JSON.parse(ended.stderr).error).toMatchObject({ code: 'invalid_client', message: expect.any(String) })
})

test('takes a file of secrets that others could read away from them, and says so', async () => {
  await cli.profiles(service.url, service.demo.listeners)
  await chmod(stored(), 0o644)
  const ended = await cli.run('profiles', 'list')
  expect(ended.stderr).toMatch(/could be read by others; it no longer can/)
  expect(await modeOf(stored())).toBe('600')
})

test.each([
  ['{', 'is not JSON'],
  ['{"profiles":null}', 'is not what `tract login` keeps'],
  ['{"current":"a","profiles":{"a":{"url":5,"client_id":"b"}}}', 'is not what `tract login` keeps'],
])('says where the file is that cannot be read: %s', async (text, what) => {
  await writeFile(stored(), text, { mode: 0o600 })
  const ended = await cli.run('profiles', 'list')
  expect([ended.exit, ended.stderr]).toEqual([2, expect.stringContaining(`${stored()} ${what}`)])
})
