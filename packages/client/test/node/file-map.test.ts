/** A map in a file: what was set is there after a crash, and what was deleted is nowhere. */
import { appendFile, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { FileInUseError, type FileMap, fileMap } from '../../src/node/index.js'

let folder: string
let path: string
const open: FileMap<unknown>[] = []

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tract-map-'))
  path = join(folder, 'map.log')
})
afterEach(async () => {
  await Promise.all(open.splice(0).map((map) => map.close()))
  await rm(folder, { recursive: true })
})

async function opened<V>(options = {}): Promise<FileMap<V>> {
  const map = await fileMap<V>(path, options)
  open.push(map as FileMap<unknown>)
  return map
}
async function reopened<V>(options = {}): Promise<FileMap<V>> {
  await open.pop()?.close()
  return opened(options)
}

test('a value is as it was set last, also after a restart', async () => {
  const map = await opened<{ user_id: string }>()
  const user = { user_id: 'asha' }
  await Promise.all([map.set('!room-1', user), map.set('!room-2', { user_id: 'ravi' })])
  user.user_id = 'changed after that'
  await map.set('!room-2', { user_id: 'नमस्ते' })
  expect([map.get('!room-1'), map.get('none'), map.size]).toEqual([{ user_id: 'asha' }, undefined, 2])
  const next = await reopened<{ user_id: string }>()
  expect([...next.entries()]).toEqual([
    ['!room-1', { user_id: 'asha' }],
    ['!room-2', { user_id: 'नमस्ते' }],
  ])
})

test('what is deleted is neither in the map nor on the disk', async () => {
  const map = await opened<string>()
  for (const key of ['a', 'b', 'c', 'd']) await map.set(key, `value of ${key}`)
  await Promise.all([map.set('b', 'another value of b'), map.delete('b')])
  expect(await readFile(path, 'utf8')).not.toContain('value of b')
  await map.delete((key, value) => key === 'a' || value === 'value of d')
  expect(await readFile(path, 'utf8')).not.toMatch(/value of [abd]/)
  const next = await reopened<string>()
  expect([...next.entries()]).toEqual([['c', 'value of c']])
})

test('cut off at any byte, the file opens with every whole line', async () => {
  const map = await opened<number>()
  for (const [number, key] of ['a', 'b-ü', 'a'].entries()) await map.set(key, number)
  await open.pop()?.close()
  const whole = await readFile(path)
  const head = whole.indexOf('\n') + 1
  for (let length = head; length <= whole.length; length++) {
    await writeFile(path, whole.subarray(0, length))
    const lines = whole.subarray(head, length).toString().split('\n').slice(0, -1)
    const cut = await opened<number>()
    expect(Object.fromEntries(cut.entries())).toEqual(Object.fromEntries(lines.map((line) => JSON.parse(line))))
    await cut.set('next', 3)
    expect((await reopened<number>()).get('next')).toBe(3)
    await open.pop()?.close()
  }
})

test('with a limit, the one that was set longest ago is forgotten', async () => {
  const map = await opened<number>({ limit: 2 })
  for (const [number, key] of ['a', 'b', 'a', 'c'].entries()) await map.set(key, number)
  expect([...map.entries()]).toEqual([...(await reopened<number>({ limit: 2 })).entries()])
  expect([map.get('a'), map.get('b'), map.get('c')]).toEqual([2, undefined, 3])
  await expect(fileMap(join(folder, 'other'), { limit: 0 })).rejects.toThrow(RangeError)
})

test('the file stays small, however often a value changes', async () => {
  const map = await opened<string>()
  for (let number = 0; number < 300; number++) await map.set('a', `${number}`.padEnd(20_000))
  expect((await stat(path)).size).toBeLessThan(2_000_000)
  expect((await reopened<string>()).get('a')?.trim()).toBe('299')
})

test('what could not be written is written with the next', async () => {
  const map = await opened<number>()
  await map.set('a', 1)
  await mkdir(`${path}.next`) // so that the file cannot be written again
  await expect(map.delete('a')).rejects.toThrow()
  await expect(map.set('b', 2)).rejects.toThrow()
  await rm(`${path}.next`, { recursive: true })
  await map.set('c', 3)
  expect([...(await reopened<number>()).entries()]).toEqual([
    ['b', 2],
    ['c', 3],
  ])
})

test('a deletion leaves nothing of what was forgotten, and none is done before it could be written', async () => {
  const map = await opened<string>({ limit: 1 })
  for (const key of ['a', 'b']) await map.set(key, `value of ${key}`)
  await map.delete('a')
  expect(await readFile(path, 'utf8')).not.toContain('value of a')
  await mkdir(`${path}.next`)
  for (const _ of [1, 2]) await expect(map.delete('b')).rejects.toThrow()
  await rm(`${path}.next`, { recursive: true })
  await map.delete('b')
  expect(await readFile(path, 'utf8')).not.toContain('value of b')
})

test('one process has the file, and that of something else is left as it is', async () => {
  await opened()
  await expect(fileMap(path)).rejects.toThrow(FileInUseError)
  const other = join(folder, 'other')
  await appendFile(other, '{"user_id":"asha"}\n')
  await expect(fileMap(other)).rejects.toThrow('is no file of this store')
  expect(await readFile(other, 'utf8')).toBe('{"user_id":"asha"}\n')
})
