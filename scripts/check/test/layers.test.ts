import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, expect, test } from '@jest/globals'
import { ROOT } from '../command.js'

type Seed = [file: string, imports: string, rule: string]

/** Each file breaks one rule by one import. */
const seeds: Seed[] = [
  ['server/src/delivery/a.ts', '../http/target.js', 'delivery-imports-nothing-above-it'],
  ['server/src/delivery/b.ts', '../authentication/target.js', 'delivery-imports-nothing-above-it'],
  ['server/src/authentication/a.ts', '../http/target.js', 'authentication-imports-nothing-above-it'],
  ['server/src/authentication/b.ts', '../messaging/target.js', 'authentication-imports-nothing-above-it'],
  ['server/src/messaging/a.ts', '../delivery/target.js', 'messaging-imports-nothing-above-it'],
  ['server/src/messaging/b.ts', '../http/target.js', 'messaging-imports-nothing-above-it'],
  ['server/src/store/a.ts', '../messaging/target.js', 'store-imports-nothing-above-it'],
  ['server/src/store/b.ts', '../threads/target.js', 'store-imports-nothing-above-it'],
  ['server/src/threads/a.ts', '../store/target.js', 'threads-is-pure'],
  ['server/src/threads/b.ts', 'node:crypto', 'threads-is-pure'],
  ['server/src/threads/c.ts', 'uuid', 'threads-is-pure'],
  ['server/src/http/a.ts', 'pg', 'only-store-knows-the-database'],
  ['server/src/http/b.ts', '@prisma/client', 'only-store-knows-the-database'],
  ['server/src/messaging/c.ts', '../generated/prisma/client.js', 'only-store-knows-the-database'],
  ['server/src/http/c.ts', '../main.js', 'only-main-composes'],
  ['server/src/config.ts', './store/target.js', 'config-stands-alone'],
  ['server/src/http/d.ts', '../../test/target.js', 'no-test-in-source'],
  ['server/src/http/e.ts', './nowhere.js', 'every-import-exists'],
  ['server/src/http/f.ts', 'fast-check', 'packages-of-production-only'],
  ['server/src/http/g.ts', './h.js', 'no-cycle'],
  ['contract/src/a.ts', 'node:fs', 'contract-has-no-io'],
  ['contract/src/b.ts', '../../client/src/target.js', 'contract-knows-no-package-of-ours'],
  ['client/src/a.ts', '../../server/src/http/target.js', 'contract-and-client-know-no-server'],
  ['client/src/b.ts', 'node:crypto', 'the-client-runs-everywhere'],
  ['client/src/calls/a.ts', 'undici', 'the-client-runs-everywhere'],
]
const allowed: Seed[] = [
  ['server/src/http/ok.ts', '../messaging/target.js', ''],
  ['server/src/delivery/ok.ts', '../messaging/target.js', ''],
  ['server/src/messaging/ok.ts', '../threads/target.js', ''],
  ['server/src/authentication/ok.ts', '../store/target.js', ''],
  ['server/src/store/ok.ts', 'pg', ''],
  ['client/src/calls/ok.ts', 'openapi-fetch', ''],
  ['client/src/transport/node.ts', 'undici', ''],
]
const targets = [
  ...['http', 'delivery', 'authentication', 'messaging', 'store', 'threads'].map(
    (name) => `server/src/${name}/target.ts`,
  ),
  ...['server/src/generated/prisma/client.ts', 'server/src/main.ts', 'server/test/target.ts', 'client/src/target.ts'],
]

const folder = (() => {
  mkdirSync(join(ROOT, '.artifacts'), { recursive: true })
  return mkdtempSync(join(ROOT, '.artifacts', 'layers-'))
})()
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function write(file: string, text: string) {
  const path = join(folder, 'packages', file)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
}

function cruise(): { summary: { violations: { from: string; rule: { name: string } }[] } } {
  const config = join(ROOT, '.dependency-cruiser.cjs')
  const program = join(ROOT, 'node_modules', 'dependency-cruiser', 'bin', 'dependency-cruise.mjs')
  return JSON.parse(
    execFileSync(process.execPath, [program, '--config', config, '--output-type', 'json', 'packages'], {
      cwd: folder,
      encoding: 'utf8',
      maxBuffer: 2 ** 26,
    }),
  )
}

test('every rule of the layers catches what breaks it, and nothing else', () => {
  cpSync(join(ROOT, 'tsconfig.base.json'), join(folder, 'tsconfig.base.json'))
  cpSync(join(ROOT, 'package.json'), join(folder, 'package.json'))
  for (const name of ['server', 'contract', 'client'])
    cpSync(join(ROOT, 'packages', name, 'package.json'), join(folder, 'packages', name, 'package.json'))
  for (const file of targets) write(file, 'export const target = 1\n')
  for (const [file, from] of [...seeds, ...allowed])
    write(file, `import * as other from '${from}'\nexport default other\n`)
  write('server/src/http/h.ts', "import * as other from './g.js'\nexport default other\n")
  const found = cruise().summary.violations.map(({ from, rule }) => `${from}: ${rule.name}`)
  const wanted = seeds.map(([file, , rule]) => `packages/${file}: ${rule}`)
  expect(found.filter((one) => !wanted.includes(one))).toEqual([])
  expect(wanted.filter((one) => !found.includes(one))).toEqual([])
})
