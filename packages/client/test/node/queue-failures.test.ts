/** How long a queue waits after a failure, and what it says of it. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals'
import { until } from '@tract/testing/until'
import { RateLimitError } from '../../src/index.node.js'
import { type FileQueue, type FileQueueOptions, fileQueue } from '../../src/node/index.js'

let folder: string
let path: string
let queue: FileQueue<string>

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tract-queue-'))
  path = join(folder, 'queue.log')
})
afterEach(async () => {
  await queue.close()
  await rm(folder, { recursive: true })
})

async function opened(options: Pick<FileQueueOptions<string>, 'work' | 'onFailure' | 'longestPauseMs'>): Promise<void> {
  queue = await fileQueue<string>(path, { onRefused: () => {}, ...options })
}

test('waits as long as TRACT asks for', async () => {
  const pauses: number[] = []
  await opened({
    work: () => {
      const response = { status: 429, headers: { 'retry-after': '3600' }, body: '' }
      throw new RateLimitError('messages.send', { code: 'rate_limited', message: 'No.', issues: [], response })
    },
    onFailure: (_error, _item, pauseMs) => pauses.push(pauseMs),
  })
  await queue.add({ lane: 'a', key: 'a1', item: 'a1' })
  await until(() => pauses.length > 0, 'a failure')
  expect(pauses).toEqual([3_600_000])
})

test('waits as long as the error of a desk says, and no longer than the option otherwise', async () => {
  const pauses: number[] = []
  await opened({
    longestPauseMs: 2,
    work: () => {
      const busy = new Error('The desk asks to wait.')
      throw pauses.length < 4 ? busy : Object.assign(busy, { retryAfterMs: 3_600_000 })
    },
    onFailure: (_error, _item, pauseMs) => pauses.push(pauseMs),
  })
  await queue.add({ lane: 'a', key: 'a1', item: 'a1' })
  await until(() => pauses.length === 5, 'five failures')
  expect(pauses.slice(0, 4).every((pauseMs) => pauseMs > 0 && pauseMs <= 2)).toBe(true)
  expect(pauses[4]).toBe(3_600_000)
})

test('without onFailure the console names the file, the entry, and what failed', async () => {
  const told = jest.spyOn(console, 'error').mockImplementation(() => {})
  const error = new Error('fetch failed')
  const work = () => {
    throw error
  }
  await opened({ work })
  await queue.add({ lane: 'a', key: 'a1', item: 'a1' })
  await until(() => told.mock.calls.length > 0, 'the line')
  const [line, cause] = told.mock.calls[0] ?? []
  told.mockRestore()
  expect([line, cause]).toEqual([`${path}: the work failed at entry a1, and is called again in 1 s:`, error])
})
