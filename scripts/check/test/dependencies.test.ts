/** docs/dependencies.md: every dependency has its reason there, and nothing stands there that is none. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { ROOT } from '../command.js'

const manifests = [
  '.',
  ...readdirSync(join(ROOT, 'packages')).map((name) => join('packages', name)),
  join('packages', 'client', 'runtimes'),
]

const used = manifests.flatMap((folder) => {
  const manifest = JSON.parse(readFileSync(join(ROOT, folder, 'package.json'), 'utf8'))
  return ['dependencies', 'devDependencies', 'optionalDependencies'].flatMap((kind) =>
    Object.keys(manifest[kind] ?? {}),
  )
})

const documented = readFileSync(join(ROOT, 'docs/dependencies.md'), 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('| `'))
  .flatMap((row) => [...(row.split('|')[1] ?? '').matchAll(/`([^`]+)`/g)].map(([, name]) => name as string))

const covers = (pattern: string, name: string) =>
  pattern.endsWith('/*') ? name.startsWith(pattern.slice(0, -1)) : pattern === name

test('every dependency has its reason', () => {
  const outside = [...new Set(used)].filter((name) => !name.startsWith('@tract/'))
  expect(outside.filter((name) => !documented.some((pattern) => covers(pattern, name)))).toEqual([])
})

test('every reason has its dependency', () => {
  expect(documented.filter((pattern) => !used.some((name) => covers(pattern, name)))).toEqual([])
})
