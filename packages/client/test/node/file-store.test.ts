/** A store in a file: what it remembers survives a crash, and one process has it. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFile, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { FileInUseError, type FileStore, fileStore } from '../../src/node/index.js'

let root: string
let path: string
let number = 0
const open: FileStore[] = []
const children: ChildProcess[] = []

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'tract-store-'))
})
beforeEach(() => {
  path = join(root, `deliveries-${++number}.log`)
})
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
  await Promise.all(open.splice(0).map((store) => store.close()))
})
afterAll(() => rm(root, { recursive: true }))

async function opened(options = {}, at = path): Promise<FileStore> {
  const store = await fileStore(at, options)
  open.push(store)
  return store
}

async function reopened(options = {}): Promise<FileStore> {
  await open.pop()?.close()
  return opened(options)
}

async function handle(store: FileStore, id: string, answer = `answer of ${id}`): Promise<void> {
  expect(await store.claim({ id, token: id, leaseMs: 60_000 })).toEqual({ state: 'claimed' })
  await store.complete(id, id, answer)
}

const stateOf = async (store: FileStore, id: string) => {
  const result = await store.claim({ id, token: 'asks', leaseMs: 60_000 })
  await store.release(id, 'asks')
  return result.state === 'done' ? result.answer : result.state
}

test('what was handled is known after a restart, and what had only begun is handled again', async () => {
  const store = await opened()
  await handle(store, 'one', '{"success":true,"ect_user_id":"नमस्ते\\n"}')
  await store.claim({ id: 'two', token: 't', leaseMs: 3_600_000 })
  const next = await reopened()
  expect(await stateOf(next, 'one')).toBe('{"success":true,"ect_user_id":"नमस्ते\\n"}')
  expect(await stateOf(next, 'two')).toBe('claimed')
})

test('what completes at the same time shares few writes, and all of it is kept', async () => {
  const store = await opened()
  const ids = Array.from({ length: 500 }, (_, index) => `id-${index}`)
  await Promise.all(ids.map((id) => handle(store, id)))
  const next = await reopened()
  for (const id of ids) expect(await stateOf(next, id)).toBe(`answer of ${id}`)
})

test('of what a crash broke off, the rest is whole', async () => {
  await handle(await opened(), 'one')
  await open.pop()?.close()
  const whole = await readFile(path)
  await appendFile(path, '["two","answ')
  const store = await opened()
  expect([await stateOf(store, 'one'), await stateOf(store, 'two')]).toEqual(['answer of one', 'claimed'])
  expect(await readFile(path)).toEqual(whole)
  await handle(store, 'three')
  expect(await stateOf(await reopened(), 'three')).toBe('answer of three')
})

test('cut off at any byte, the file opens with every whole line', async () => {
  const store = await opened()
  for (const id of ['one', 'two', 'drei-ü']) await handle(store, id)
  await open.pop()?.close()
  const whole = await readFile(path)
  const head = whole.indexOf('\n') + 1
  for (let length = head; length < whole.length; length++) {
    await writeFile(path, whole.subarray(0, length))
    const lines = whole.subarray(head, length).toString().split('\n').length - 1
    const cut = await opened()
    const known = await Promise.all(['one', 'two', 'drei-ü'].map((id) => stateOf(cut, id)))
    expect(known.filter((state) => state !== 'claimed')).toHaveLength(lines)
    await open.pop()?.close()
  }
})

test('what the disk holds instead of a line is forgotten, and nothing else', async () => {
  await handle(await opened(), 'one')
  await open.pop()?.close()
  await appendFile(path, `${'\0'.repeat(50)}\n["two","answer of two"]\n`)
  const store = await opened()
  expect([await stateOf(store, 'one'), await stateOf(store, 'two')]).toEqual(['answer of one', 'answer of two'])
})

test('the file of something else is refused, and left as it is', async () => {
  for (const contents of ['', '{"clientSecret":"s"}\n', 'one\ntwo\n']) {
    await writeFile(path, contents)
    await expect(fileStore(path)).rejects.toThrow(`${path} is no file of this store`)
    expect(await readFile(path, 'utf8')).toBe(contents)
  }
  await rm(path)
  await handle(await opened(), 'one') // the lock was given back
})

test('the file is bounded: it holds at most twice the limit, and the youngest of it are known', async () => {
  const store = await opened({ limit: 10 })
  for (let index = 0; index < 95; index++) {
    await handle(store, `id-${index}`)
    expect((await readFile(path, 'utf8')).split('\n').length).toBeLessThanOrEqual(22)
  }
  const next = await reopened({ limit: 10 })
  const known = await Promise.all(Array.from({ length: 95 }, (_, index) => stateOf(next, `id-${index}`)))
  expect(known.map((state) => state !== 'claimed').lastIndexOf(false)).toBe(84)
  expect((await readdir(root)).filter((name) => name.endsWith('.next'))).toEqual([])
  await expect(store.complete('late', 'late', '')).resolves.toBeUndefined() // without a claim there is nothing to do
})

test('an answer that no listener gives is refused, and its claim given up', async () => {
  const store = await opened()
  await store.claim({ id: 'one', token: 't', leaseMs: 60_000 })
  await expect(store.complete('one', 't', 'x'.repeat(5_000))).rejects.toThrow('5000 characters')
  expect(await stateOf(store, 'one')).toBe('claimed')
})

test('after a write that failed, the next one brings what is missing', async () => {
  const store = await opened({ limit: 1 })
  await mkdir(`${path}.next`) // so that the file cannot be written again
  await handle(store, 'one')
  await handle(store, 'two')
  await expect(handle(store, 'three')).rejects.toThrow()
  expect(await stateOf(store, 'three')).toBe('answer of three')
  await rm(`${path}.next`, { recursive: true })
  await handle(store, 'four')
  expect(await stateOf(await reopened({ limit: 1 }), 'four')).toBe('answer of four')
})

test('a limit is a whole number', async () => {
  for (const limit of [0, -1, 1.5, Number.NaN]) await expect(fileStore(path, { limit })).rejects.toThrow(RangeError)
})

test('a store that is closed says so', async () => {
  const store = await opened()
  await store.claim({ id: 'one', token: 't', leaseMs: 60_000 })
  await store.close()
  await expect(store.complete('one', 't', '')).rejects.toThrow('closed')
})

test('the file is for its owner alone', async () => {
  await opened()
  expect((await stat(path)).mode & 0o077).toBe(0)
})

/** A process that opens the store, says so, handles one delivery after the other and prints each that is kept. */
async function spawned(): Promise<{
  child: ChildProcess
  printed: () => string
  said: (text: string) => Promise<void>
}> {
  const program = fileURLToPath(new URL('store-process.ts', import.meta.url))
  const child = spawn(process.execPath, ['--import', 'tsx', program, path], { stdio: ['ignore', 'pipe', 'inherit'] })
  children.push(child)
  let printed = ''
  const changed = () => once(child.stdout ?? child, 'data')
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    printed += text
  })
  const said = async (text: string) => {
    while (!printed.includes(text)) await changed()
  }
  return { child, printed: () => printed, said }
}

test.each([
  ['beside the file', ''],
  ['elsewhere, where the path is too long for a socket', 'x'.repeat(120)],
])(
  'a second process is refused, and has the file once the first was killed: with its lock %s',
  async (_where, folder) => {
    if (folder) {
      await mkdir(join(root, folder), { recursive: true })
      path = join(root, folder, 'deliveries.log')
    }
    const { child, printed, said } = await spawned()
    await said('kept 20\n')
    await expect(fileStore(path)).rejects.toThrow(FileInUseError)
    await expect(fileStore(path)).rejects.toThrow(`${path} is in use`)
    const ended = once(child, 'exit')
    child.kill('SIGKILL')
    await ended
    const store = await opened()
    const kept = [...printed().matchAll(/kept (\d+)\n/g)].map(([, id]) => String(id))
    expect(kept.length).toBeGreaterThanOrEqual(20)
    for (const id of kept) expect(await stateOf(store, id)).toBe(`answer of ${id}`)
  },
)

test('of several that start together after a crash one has the file', async () => {
  const { child, said } = await spawned()
  await said('kept 1\n')
  const ended = once(child, 'exit')
  child.kill('SIGKILL')
  await ended
  const results = await Promise.allSettled(Array.from({ length: 8 }, () => opened()))
  expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  for (const result of results) if (result.status === 'rejected') expect(result.reason).toBeInstanceOf(FileInUseError)
})
