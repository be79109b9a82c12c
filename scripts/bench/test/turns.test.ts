import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { byTurns } from '../turns.js'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tract-turns-'))
})
afterAll(() => rm(folder, { recursive: true }))

/** A benchmark that notes of which checkout it was run, and prints what that one has of figures. */
async function benchmark(): Promise<string> {
  const script = `#!/bin/sh\nname=$(basename "$BENCH_SUBJECT")\necho "$name $*" >> ${folder}/runs\ncat "${folder}/$name.json"\n`
  const file = join(folder, 'bench')
  await writeFile(file, script)
  await chmod(file, 0o755)
  return file
}

const tell = (name: string, figures: object[]) => writeFile(join(folder, `${name}.json`), JSON.stringify(figures))

test('one benchmark measures two checkouts by turns, each first as often as the other, and what both have is compared', async () => {
  const wal = { name: 'wal', unit: 'B' }
  await tell('before', [{ ...wal, value: 2_000 }])
  await tell('now', [
    { ...wal, value: 1_000 },
    { name: 'new', value: 1, unit: 'B' },
  ])
  const file = await benchmark()
  const figures = await byTurns(join(folder, 'before'), join(folder, 'now'), () => [file, 'hearers', '--json'])
  expect(figures).toMatchObject([{ ...wal, value: 1_000, limit: 2_000, ratio: 0.5, bar: null }])
  const runs = (await readFile(join(folder, 'runs'), 'utf8')).trim().split('\n')
  const order = ['before', 'now', 'now', 'before', 'before', 'now', 'now', 'before']
  expect(runs).toEqual(order.map((name) => `${name} hearers --json`))
})

test('a benchmark that fails is no figure', async () => {
  const broken = join(folder, 'broken')
  const file = await benchmark()
  await expect(byTurns(broken, broken, () => [file])).rejects.toThrow(`the benchmark of ${broken} ended with 1`)
})
