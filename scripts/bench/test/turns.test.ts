import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { byTurns } from '../turns.js'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tract-turns-'))
})
afterAll(() => rm(folder, { recursive: true }))

/** Its benchmark notes that it was run, and prints these figures. */
async function checkout(name: string, figures: object[], code = 0): Promise<string> {
  const bin = join(folder, name, 'node_modules/.bin')
  await mkdir(bin, { recursive: true })
  const script = `#!/bin/sh\necho "${name} $*" >> ${folder}/runs\necho '${JSON.stringify(figures)}'\nexit ${code}\n`
  await writeFile(join(bin, 'tsx'), script)
  await chmod(join(bin, 'tsx'), 0o755)
  return join(folder, name)
}

test('two checkouts measure by turns, each first as often as the other, and what both know is compared', async () => {
  const wal = { name: 'wal', unit: 'B' }
  const before = await checkout('before', [{ ...wal, value: 2_000 }])
  const now = await checkout('now', [
    { ...wal, value: 1_000 },
    { name: 'new', value: 1, unit: 'B' },
  ])
  const figures = await byTurns(before, now, ['hearers', '--quick'])
  expect(figures).toMatchObject([{ ...wal, value: 1_000, limit: 2_000, ratio: 0.5, bar: null }])
  const runs = (await readFile(join(folder, 'runs'), 'utf8')).trim().split('\n')
  const order = ['before', 'now', 'now', 'before', 'before', 'now', 'now', 'before']
  expect(runs).toEqual(order.map((name) => `${name} scripts/bench/index.ts hearers --quick --json`))
})

test('a benchmark that fails is no figure', async () => {
  const broken = await checkout('broken', [], 2)
  await expect(byTurns(broken, broken, ['call'])).rejects.toThrow(`the benchmark of ${broken} ended with 2`)
})
