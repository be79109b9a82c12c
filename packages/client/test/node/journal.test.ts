/** What the file of a store does when several things come at once. */
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { until } from '@tract/testing/until'
import { type FileQueue, fileMap, fileQueue } from '../../src/node/index.js'

let folder: string
let path: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tract-journal-'))
  path = join(folder, 'file.log')
})
afterEach(() => rm(folder, { recursive: true }))

test('what is written the moment that a write is done gets onto the disk too', async () => {
  const done: string[] = []
  const queue: FileQueue<string> = await fileQueue<string>(path, {
    onRefused: () => {},
    work: async (item) => {
      if (item === 'first') await queue.add({ lane: 'b', key: 'second', item: 'second' })
      done.push(item)
    },
  })
  await queue.add({ lane: 'a', key: 'first', item: 'first' })
  await until(() => queue.size === 0, 'the queue to be empty')
  expect(done.sort()).toEqual(['first', 'second'])
  await queue.close()
})

test('a store that is closed twice is closed each time', async () => {
  const map = await fileMap<number>(path)
  const set = map.set('a', 1)
  const first = map.close()
  await map.close()
  const next = await fileMap<number>(path)
  expect(next.get('a')).toBe(1)
  await Promise.all([set, first, next.close()])
})

test('what could not be written is written when the store is closed', async () => {
  const map = await fileMap<number>(path)
  await map.set('a', 1)
  await mkdir(`${path}.next`) // so that the file cannot be written again
  await expect(map.delete('a')).rejects.toThrow()
  await rm(`${path}.next`, { recursive: true })
  await map.close()
  const next = await fileMap<number>(path)
  expect(next.size).toBe(0)
  await next.close()
})

test.each([17, undefined])('a key that is %s is refused, since none would know it at the next start', async (key) => {
  const map = await fileMap<number>(path)
  await expect(map.set(key as never, 1)).rejects.toThrow(`key is a string, and not ${key}`)
  await map.close()
  const queue = await fileQueue(join(folder, 'queue.log'), { onRefused: () => {}, work: () => {} })
  for (const ids of [{ key }, { lane: key }])
    await expect(queue.add({ lane: 'a', key: 'b', item: 'c', ...ids } as never)).rejects.toThrow(TypeError)
  await expect(queue.remove(key as never)).rejects.toThrow(TypeError)
  expect([map.size, queue.size]).toEqual([0, 0])
  await queue.close()
})
