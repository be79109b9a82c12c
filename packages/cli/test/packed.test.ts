/** The command as it is installed: from its tarball and that of the client, in an empty folder. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { CLIENT, ROOT, run } from '../../client/test/support/packed.js'
import { TestService } from '../../server/test/support/service.js'

const CLI = fileURLToPath(new URL('..', import.meta.url))

let service: TestService
let folder: string

beforeAll(async () => {
  service = await TestService.start()
  await run('node', ['scripts/turbo.mjs', '--quiet', 'run', 'build', '--filter=@tract/cli'], ROOT)
  folder = await mkdtemp(join(tmpdir(), 'tract-cli-packed-'))
  const tarballs: string[] = []
  for (const source of [CLIENT, CLI]) {
    const packed = await run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder], source)
    tarballs.push(join(folder, JSON.parse(packed)[0].filename))
  }
  await run('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts', ...tarballs], folder)
})
afterAll(async () => {
  await service?.close()
  if (folder) await rm(folder, { recursive: true, force: true })
})

const tract = (env: NodeJS.ProcessEnv, ...args: string[]) =>
  run('npx', ['--no-install', 'tract', ...args], folder, { TRACT_CONFIG_DIR: join(folder, 'config'), ...env })

test('says its version', async () => {
  const { version } = JSON.parse(await readFile(join(CLI, 'package.json'), 'utf8'))
  expect((await tract({}, '--version')).trim()).toBe(version)
})

test('works against the service', async () => {
  const { client_id, client_secret } = service.demo.listeners.desk
  const env = { TRACT_URL: service.url, TRACT_CLIENT_ID: client_id, TRACT_CLIENT_SECRET: client_secret }
  expect(JSON.parse(await tract(env, 'hooks', 'list', '--json'))).toEqual([])
})

test('brings what it depends on, and no more', async () => {
  const installed = (await readdir(join(folder, 'node_modules'))).filter((name) => !name.startsWith('.'))
  const ofStringWidth = ['ansi-regex', 'get-east-asian-width', 'string-width', 'strip-ansi']
  expect(installed.sort()).toEqual(['@tract', 'commander', 'leven', 'undici', ...ofStringWidth].sort())
})
