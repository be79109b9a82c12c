import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'

const run = promisify(execFile)
const PACKAGE = fileURLToPath(new URL('..', import.meta.url))

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tract-cli-package-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

test('holds the command, its licence and its README, and nothing else', async () => {
  const { stdout } = await run('npm', ['pack', '--json', '--pack-destination', folder], { cwd: PACKAGE })
  const [{ files }] = JSON.parse(stdout) as [{ files: { path: string; mode: number }[] }]
  const others = files.map(({ path }) => path).filter((path) => !/^dist\/[\w/-]+\.js$/.test(path))
  expect(others.sort()).toEqual(
    ['CHANGELOG.md', 'LICENSE', 'README.md', 'package.json'].filter((name) => others.includes(name)),
  )
  expect(others).toEqual(expect.arrayContaining(['LICENSE', 'README.md', 'package.json']))
  expect(files.map(({ path }) => path)).toContain('dist/main.js')
  expect((await readFile(join(PACKAGE, 'dist/main.js'), 'utf8')).startsWith('#!/usr/bin/env node\n')).toBe(true)
})

test('is found in order by publint', async () => {
  const { messages, pkg } = await publint({ pkgDir: PACKAGE, strict: true })
  expect(messages.map((message) => formatMessage(message, pkg ?? {}))).toEqual([])
})
