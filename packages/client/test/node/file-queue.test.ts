/** A queue in a file: what was added is worked off, in order for each lane, whatever is killed when. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { until } from '@tract/testing/until'
import { NotFoundError } from '../../src/index.node.js'
import { FileInUseError, type FileQueue, type FileQueueOptions, fileQueue } from '../../src/node/index.js'

let folder: string
let path: string
let done: string[]
const open: FileQueue<string>[] = []

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tract-queue-'))
  path = join(folder, 'queue.log')
  done = []
})
afterEach(async () => {
  await Promise.all(open.splice(0).map((queue) => queue.close()))
  await rm(folder, { recursive: true })
})

async function opened(options: Partial<FileQueueOptions<string>> = {}): Promise<FileQueue<string>> {
  const work = (item: string) => done.push(item)
  const quiet = { onRefused: () => {}, onFailure: () => {} }
  const queue = await fileQueue<string>(path, { work, ...quiet, ...options })
  open.push(queue)
  return queue
}
const closed = () => open.pop()?.close()
const empty = (queue: FileQueue<string>) => until(() => queue.size === 0, 'the queue to be empty')
const answer = { message: 'No.', issues: [], response: { status: 404, headers: {}, body: '' } }
const refusal = () => new NotFoundError('messages.send', { code: 'user_not_found', ...answer })

test('what is added is worked off in order for each lane, and a key that is known adds nothing', async () => {
  const queue = await opened()
  await Promise.all(['a1', 'b1', 'a2', 'b2', 'a1'].map((key) => queue.add({ lane: key[0] ?? '', key, item: key })))
  await empty(queue)
  await queue.add({ lane: 'a', key: 'a2', item: 'again' })
  expect(done.filter((item) => item.startsWith('a'))).toEqual(['a1', 'a2'])
  expect(done.filter((item) => item.startsWith('b'))).toEqual(['b1', 'b2'])
  await closed()
  const next = await opened()
  await next.add({ lane: 'a', key: 'a1', item: 'by the next process' })
  await empty(next)
  expect(done).toHaveLength(4)
})

test('a failure holds up its own lane, and is tried again with the same key', async () => {
  const keys: string[] = []
  let isAway = true
  const failures: number[] = []
  const queue = await opened({
    work: async (item, { idempotencyKey }) => {
      if (item.startsWith('a')) keys.push(idempotencyKey)
      if (item === 'a1' && isAway) throw new Error('The desk is away.')
      done.push(item)
    },
    onFailure: (_error, _item, pauseMs) => failures.push(pauseMs),
  })
  for (const key of ['a1', 'a2', 'b1']) await queue.add({ lane: key[0] ?? '', key, item: key })
  await until(() => failures.length === 2, 'two failures')
  expect([done, queue.size]).toEqual([['b1'], 2])
  isAway = false
  await empty(queue)
  expect(done).toEqual(['b1', 'a1', 'a2'])
  expect(keys).toEqual(['a1', 'a1', 'a1', 'a2'])
})

test('what is refused for good is told, and does not stop those behind it; what else does so can be said', async () => {
  const told: unknown[] = []
  const errors: Record<string, Error> = { a1: refusal(), a2: new Error('too long for the desk') }
  const queue = await opened({
    work: (item) => {
      if (errors[item]) throw errors[item]
      done.push(item)
    },
    isRefusal: (error) => error instanceof NotFoundError || (error as Error).message.startsWith('too long'),
    onRefused: (error, item, { idempotencyKey }) => void told.push([item, idempotencyKey, error]),
  })
  for (const key of ['a1', 'a2', 'a3']) await queue.add({ lane: 'a', key, item: key })
  await empty(queue)
  expect(told).toEqual(['a1', 'a2'].map((key) => [key, key, errors[key]]))
  expect(done).toEqual(['a3'])
})

test('a refusal that cannot be told is tried again', async () => {
  let isAway = true
  const failures: unknown[] = []
  const queue = await opened({
    work: () => {
      throw refusal()
    },
    onRefused: () => {
      if (isAway) throw new Error('The desk is away.')
    },
    onFailure: (error) => failures.push(error),
  })
  await queue.add({ lane: 'a', key: 'a1', item: 'a1' })
  await until(() => failures.length > 0, 'a failure')
  isAway = false
  await empty(queue)
  expect(failures).toContainEqual(new Error('The desk is away.'))
})

test('what waits in a lane can be dropped, from the disk as well, and stays so', async () => {
  let aborted: AbortSignal | undefined
  const away: Partial<FileQueueOptions<string>> = {
    work: (item, { signal }) => {
      aborted = signal
      if (item.startsWith('secret')) throw new Error('The desk is away.')
      done.push(item)
      return item === 'a4' && once(signal, 'abort')
    },
  }
  const queue = await opened(away)
  for (const key of ['a1', 'a2']) await queue.add({ lane: 'a', key, item: `secret ${key}` })
  await queue.add({ lane: 'b', key: 'b1', item: 'b1' })
  await until(() => done.length === 1, 'the other lane')
  await queue.remove('a')
  expect(queue.size).toBe(0)
  expect(await readFile(path, 'utf8')).not.toContain('secret')
  await queue.add({ lane: 'a', key: 'a2', item: 'again' })
  await queue.add({ lane: 'a', key: 'a3', item: 'a3' })
  await empty(queue)
  await queue.add({ lane: 'a', key: 'a4', item: 'a4' })
  await closed()
  expect(aborted?.aborted).toBe(true)
  await empty(await opened())
  expect(done).toEqual(['b1', 'a3', 'a4'])
})

test('work that is under way when its lane is dropped is broken off, and has ended then', async () => {
  const kept: string[] = []
  const queue = await opened({
    work: async (item, { signal }) => {
      if (item !== 'a1') return void done.push(item)
      await new Promise((resolve) => signal.addEventListener('abort', resolve))
      await new Promise(setImmediate)
      kept.push('of the user')
    },
  })
  await queue.add({ lane: 'a', key: 'a1', item: 'a1' })
  const added = queue.add({ lane: 'a', key: 'a2', item: 'being added' })
  const removed = queue.remove('a').then(() => kept.length)
  await Promise.all([added, queue.add({ lane: 'a', key: 'a3', item: 'a3' })])
  expect(await removed).toBe(1)
  await empty(queue)
  expect([done, kept]).toEqual([['a3'], ['of the user']])
})

test('a pause after a failure is no work: a lane is dropped without waiting for its end', async () => {
  const failures: number[] = []
  const queue = await opened({
    work: (item) => {
      if (item === 'a1') throw Object.assign(new Error('The desk is away.'), { retryAfterMs: 3_600_000 })
      done.push(item)
    },
    onFailure: (_error, _item, pauseMs) => failures.push(pauseMs),
  })
  await queue.add({ lane: 'a', key: 'a1', item: 'a1' })
  await until(() => failures.length === 1, 'the failure')
  await queue.remove('a')
  await queue.add({ lane: 'a', key: 'a2', item: 'a2' })
  await empty(queue)
  expect(done).toEqual(['a2'])
})

test('work may drop its own lane, and goes on', async () => {
  const queue: FileQueue<string> = await opened({
    work: async (item, { signal }) => {
      if (item === 'a1') {
        await until(() => queue.size === 2, 'the next one')
        await queue.remove('a')
      }
      done.push(`${item} ${signal.aborted}`)
    },
  })
  for (const key of ['a1', 'a2']) await queue.add({ lane: 'a', key, item: key })
  await empty(queue)
  await queue.add({ lane: 'a', key: 'a3', item: 'a3' })
  await empty(queue)
  expect(done).toEqual(['a1 false', 'a3 false'])
})

test('so many lanes are worked at, at a time', async () => {
  let running = 0
  let most = 0
  const queue = await opened({
    concurrency: 2,
    work: async (item) => {
      most = Math.max(most, ++running)
      await new Promise(setImmediate)
      running--
      done.push(item)
    },
  })
  await Promise.all(Array.from({ length: 20 }, (_, lane) => queue.add({ lane: `${lane}`, key: `${lane}`, item: 'x' })))
  await empty(queue)
  expect([most, done.length]).toEqual([2, 20])
})

test('what cannot be written is not taken, and is not worked off', async () => {
  const queue = await opened()
  await mkdir(`${path}.next`) // so that the file cannot be written again
  await expect(queue.remove('none')).rejects.toThrow()
  await expect(queue.add({ lane: 'a', key: 'a1', item: 'not taken' })).rejects.toThrow()
  expect([queue.size, done]).toEqual([0, []])
  await rm(`${path}.next`, { recursive: true })
  await queue.add({ lane: 'a', key: 'a1', item: 'taken' })
  await empty(queue)
  expect(done).toEqual(['taken'])
})

test('cut off at any byte, the file has every entry that was added and is not over', async () => {
  const queue = await opened({
    work: (item) => {
      if (item === 'a2') throw new Error('The desk is away.')
    },
  })
  for (const key of ['a1', 'a2', 'b-ü', 'a3']) await queue.add({ lane: key[0] ?? '', key, item: key })
  await until(() => queue.size === 2, 'what can be worked off')
  await closed()
  const whole = await readFile(path)
  const head = whole.indexOf('\n') + 1
  for (let length = head; length <= whole.length; length++) {
    await writeFile(path, whole.subarray(0, length))
    const lines = whole
      .subarray(head, length)
      .toString()
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line))
    const over = lines.filter(([sign]) => sign === '-').map(([, key]) => key)
    const waiting = lines.filter(([sign, key]) => sign === '+' && !over.includes(key)).map(([, key]) => key)
    done = []
    await empty(await opened())
    await closed()
    expect(done.toSorted()).toEqual(waiting.toSorted())
    expect(done.filter((key) => key.startsWith('a'))).toEqual(waiting.filter((key) => key.startsWith('a')))
  }
})

test('the file stays small, however much went through it', async () => {
  const queue = await opened({ limit: 10 })
  for (let number = 0; number < 300; number++)
    await queue.add({ lane: 'a', key: `${number}`, item: 'x'.repeat(20_000) })
  await empty(queue)
  expect((await stat(path)).size).toBeLessThan(2_000_000)
  await expect(opened()).rejects.toThrow(FileInUseError)
})

test('an option that says nothing of use is an error', async () => {
  await expect(opened({ onRefused: undefined as never })).rejects.toThrow('onRefused is missing')
  for (const options of [{ concurrency: 0 }, { limit: 1.5 }]) await expect(opened(options)).rejects.toThrow(RangeError)
  const queue = await opened()
  await closed()
  await expect(queue.add({ lane: 'a', key: 'a1', item: 'late' })).rejects.toThrow('closed')
})

test('killed at any moment, it loses nothing, keeps the order, and repeats no more than the last of a lane', async () => {
  const target = join(folder, 'target.log')
  const program = fileURLToPath(new URL('queue-process.ts', import.meta.url))
  const run = (...from: string[]) =>
    spawn(process.execPath, ['--import', 'tsx', program, path, target, ...from], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
  let kept = 0
  for (let kills = 0; kills < 8; kills++) {
    const child = run(`${kept + 1}`)
    const ended = once(child, 'exit')
    let printed = ''
    let isAlive = true
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      printed += text
      if (isAlive && printed.split('\n').length > 20 + Math.random() * 200) isAlive = !child.kill('SIGKILL')
    })
    await ended
    kept = Math.max(kept, ...[...printed.matchAll(/kept (\d+)\./g)].map(([, number]) => Number(number)))
  }
  expect(await once(run(), 'exit')).toEqual([0, null])

  const lines = (await readFile(target, 'utf8'))
    .trimEnd()
    .split('\n')
    .map((line) => line.split(' ').map(Number))
  const last = Math.max(kept, ...lines.map(([, number]) => Number(number)))
  expect(last).toBeGreaterThan(100)
  for (const lane of [0, 1, 2]) {
    const numbers = lines.filter(([of]) => of === lane).map(([, number]) => number)
    const once = numbers.filter((number, index) => number !== numbers[index - 1])
    const all = Array.from({ length: last }, (_, index) => index + 1).filter((number) => number % 3 === lane)
    expect(once).toEqual(all)
  }
})
