import { afterEach, beforeEach, expect, jest, test } from '@jest/globals'
import type { MessageCall } from '../../src/accept/accept-message.js'
import { type Batch, MessageQueue, type PendingMessage } from '../../src/accept/queue/message-queue.js'

const LONGEST_WAIT_MS = 600_000

/** The batches that were begun, each with the texts of its messages, and the means to settle and end them. */
class Batches {
  readonly begun: Batch[] = []
  readonly #ends: (() => void)[] = []
  readonly queue: MessageQueue

  constructor(concurrent?: number) {
    const run = (batch: Batch) => {
      this.begun.push(batch)
      return new Promise<void>((resolve) => this.#ends.push(resolve))
    }
    this.queue = new MessageQueue(LONGEST_WAIT_MS, run, concurrent)
  }

  get texts(): string[][] {
    return this.begun.map((batch) => batch.map(({ call }) => call.incoming.body.text as string))
  }

  add(text: string, more: { thread?: string; key?: string; since?: number; isGone?: boolean } = {}): Promise<string> {
    const { thread = text, key, since = performance.now(), isGone = false } = more
    const call = {
      caller: { organisationId: 'o', listener: 'md' },
      incoming: { userId: thread, sender: 'ceu', body: { text }, metadata: null },
      key: key === undefined ? null : { clientId: 'c', key },
      since,
      isGone: () => isGone,
    } as unknown as MessageCall<string>
    return this.queue.add(call).then(
      (result) => ('body' in result ? result.body : result.refusal.code),
      (error) => error.reason ?? error.message,
    )
  }

  settle(text: string): void {
    this.#pending(text).settle({ body: text, replayed: false })
  }

  fail(text: string): void {
    this.#pending(text).fail(new Error(`${text} failed`))
  }

  #pending(text: string): PendingMessage {
    return this.begun.flat().find(({ call }) => call.incoming.body.text === text) as PendingMessage
  }

  /** Ends a batch, whether its messages are settled or not; the queue sees it in a later microtask. */
  async end(index: number): Promise<void> {
    this.#ends[index]?.()
    for (let turn = 0; turn < 5; turn++) await Promise.resolve()
  }
}

let batches: Batches
beforeEach(() => {
  jest.useFakeTimers({ doNotFake: ['performance', 'nextTick', 'queueMicrotask'] })
  batches = new Batches()
})
afterEach(() => {
  jest.useRealTimers()
})

test('a message begins a batch while none is under way; those that come then share the next', async () => {
  for (const text of ['a', 'b', 'c']) void batches.add(text)
  expect(batches.texts).toEqual([['a']])
  await batches.end(0)
  expect(batches.texts).toEqual([['a'], ['b', 'c']])
})

test('where one batch is under way at most, all that come then share the next, however long they wait', async () => {
  batches = new Batches(1)
  for (let count = 0; count < 41; count++) void batches.add(`${count}`)
  jest.advanceTimersByTime(1_000)
  expect(batches.begun.map(({ length }) => length)).toEqual([1])
  await batches.end(0)
  expect(batches.begun.map(({ length }) => length)).toEqual([1, 40])
})

test('14 waiting messages for each batch under way begin another, up to 4 batches', async () => {
  const sizes = () => batches.begun.map(({ length }) => length)
  const add = (count: number) => {
    for (let index = 0; index < count; index++) void batches.add(`${batches.begun.length}.${index}`)
  }
  add(1)
  add(13)
  expect(sizes()).toEqual([1])
  void batches.add('the 14th')
  expect(sizes()).toEqual([1, 14])
  add(28)
  add(42)
  expect(sizes()).toEqual([1, 14, 28, 42])
  for (let index = 0; index < 100; index++) void batches.add(`waits ${index}`)
  jest.advanceTimersByTime(50)
  expect(sizes()).toEqual([1, 14, 28, 42])
  await batches.end(1)
  expect(sizes()).toEqual([1, 14, 28, 42, 100])
})

test('a message waits for 5 ms at most while there is room for a batch', () => {
  void batches.add('a')
  void batches.add('b')
  jest.advanceTimersByTime(4)
  expect(batches.texts).toEqual([['a']])
  jest.advanceTimersByTime(1)
  expect(batches.texts).toEqual([['a'], ['b']])
})

test('a batch has 128 messages at most', async () => {
  for (let index = 0; index < 130; index++) void batches.add(`${index}`, { thread: 'a' })
  batches.settle('0')
  await batches.end(0)
  expect(batches.begun.map(({ length }) => length)).toEqual([1, 128])
})

test('a thread is in no other batch until the last of its messages is settled or has failed', async () => {
  void batches.add('first')
  const two = batches.add('a2', { thread: 'a' })
  const three = batches.add('a3', { thread: 'a' })
  await batches.end(0)
  expect(batches.texts).toEqual([['first'], ['a2', 'a3']])
  void batches.add('a4', { thread: 'a' })
  void batches.add('b')
  batches.settle('a2')
  expect(await two).toBe('a2')
  jest.advanceTimersByTime(5)
  expect(batches.texts.slice(2)).toEqual([['b']])
  batches.fail('a3')
  expect(await three).toBe('a3 failed')
  jest.advanceTimersByTime(5)
  expect(batches.texts.slice(2)).toEqual([['b'], ['a4']])
})

test('messages of one thread keep their order, also behind one that waits for its key', async () => {
  void batches.add('first')
  void batches.add('a1', { thread: 'a', key: 'k' })
  void batches.add('b1', { thread: 'b', key: 'k' })
  void batches.add('b2', { thread: 'b' })
  void batches.add('a2', { thread: 'a', key: 'another' })
  await batches.end(0)
  expect(batches.texts).toEqual([['first'], ['a1', 'a2']])
  jest.advanceTimersByTime(5)
  expect(batches.texts.slice(2)).toEqual([['b1', 'b2']])
})

test('a message that waited for too long, or whose caller has gone, is not begun', async () => {
  void batches.add('first')
  const late = batches.add('late', { since: performance.now() - LONGEST_WAIT_MS - 1 })
  expect(await late).toBe('too_late')
  const gone = batches.add('gone', { isGone: true })
  void batches.add('kept')
  await batches.end(0)
  expect(await gone).toBe('caller_gone')
  expect(batches.texts).toEqual([['first'], ['kept']])
})
