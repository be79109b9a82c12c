/** The command as it is installed: from its tarball and that of the client, in an empty folder, by the commands that the documents say. */

import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { built } from '@tract/testing/built'
import { TestService } from '@tract/testing/service'
import { ROOT, run } from '../../client/test/support/packed.js'

const CLI = fileURLToPath(new URL('..', import.meta.url))

let service: TestService
let parent: string
let folder: string

/** The blocks of commands that install something from packed files. */
const installing = (document: string) =>
  [...document.matchAll(/```sh\n(mkdir [^`]*npm install[^`]*)```/g)].map(([, commands]) => commands)

beforeAll(async () => {
  service = await TestService.start()
  await built('@tract/cli')
  parent = await mkdtemp(join(tmpdir(), 'tract-cli-packed-'))
  folder = join(parent, 'vendor')
  const [commands = ''] = installing(await readFile(join(CLI, 'README.md'), 'utf8'))
  const env = { npm_config_prefer_offline: 'true', npm_config_audit: 'false', npm_config_fund: 'false' }
  await run('sh', ['-ec', commands.replaceAll('../vendor', folder)], ROOT, env)
})
afterAll(async () => {
  await service?.close()
  if (parent) await rm(parent, { recursive: true, force: true })
})

const tract = (env: NodeJS.ProcessEnv, ...args: string[]) =>
  run('npx', ['tract-cli', ...args], folder, { TRACT_CONFIG_DIR: join(folder, 'config'), ...env })

test('says its version', async () => {
  const { version } = JSON.parse(await readFile(join(CLI, 'package.json'), 'utf8'))
  expect((await tract({}, '--version')).trim()).toBe(version)
})

test('goes by both of its names, and npx finds it here', async () => {
  for (const name of ['tract', 'tract-cli'])
    expect(await run('npx', ['--no-install', name, '--version'], folder)).toBe(await tract({}, '--version'))
})

test('no document has npx or npm ask a registry for what may be a stranger’s there', async () => {
  const listed = await run('git', ['ls-files', '--', '*.md', '*.ts', '*.tsx', '*.mjs', '*.yaml', '*.html'], ROOT)
  const files = listed.split('\n').filter((name) => name !== '' && !name.endsWith('cli/test/packed.test.ts'))
  const asking = /\bnpx (-\S+ )*(tract(-server)?|@tract\/\w+)(?![\w-])|\bnpm (i|install|add|exec) (-\S+ )*@?tract\b/
  const found: string[] = []
  for (const name of files) if (asking.test(await readFile(join(ROOT, name), 'utf8').catch(() => ''))) found.push(name)
  expect(found).toEqual([])
  for (const line of [
    'npx tract listen',
    'npx -y tract',
    'npx tract-server',
    'npx @tract/cli',
    'npm install @tract/client',
    'npm i tract',
  ])
    expect(line).toMatch(asking)
  for (const line of ['npx tract-cli listen', 'npm install ./tract-cli-*.tgz']) expect(line).not.toMatch(asking)
})

test('every document that says how to install it says the same', async () => {
  const [said = ''] = installing(await readFile(join(CLI, 'README.md'), 'utf8'))
  expect(said.trim().split('\n')).toHaveLength(2)
  expect(installing(await readFile(join(ROOT, 'docs/guide/start.md'), 'utf8'))).toEqual([said])
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
