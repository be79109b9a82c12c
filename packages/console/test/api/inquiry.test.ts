import { afterEach, beforeEach, expect, jest, test } from '@jest/globals'
import { CallError } from '../../src/api/call-error.js'
import { Inquiry } from '../../src/api/inquiry.js'

/** A service that answers when it is told to. */
class Asked {
  readonly inquiry: Inquiry
  readonly shown: unknown[] = []
  count = 0
  #settle: { resolve: () => void; reject: (error: unknown) => void } | undefined

  constructor() {
    this.inquiry = new Inquiry(
      async (signal) => {
        const number = ++this.count
        await new Promise<void>((resolve, reject) => {
          this.#settle = { resolve, reject }
        })
        if (!signal.aborted) this.shown.push(number)
      },
      (error) => this.shown.push(error),
    )
  }

  async answer(): Promise<void> {
    this.#settle?.resolve()
    await jest.advanceTimersByTimeAsync(0)
  }

  async fail(error: unknown = new CallError('It restarts.', 'unavailable', 503)): Promise<void> {
    this.#settle?.reject(error)
    await jest.advanceTimersByTimeAsync(0)
  }
}

/** Milliseconds until it asks by itself. */
async function pauseOf(asked: Asked): Promise<number> {
  const [before, began] = [asked.count, Date.now()]
  if (jest.getTimerCount() > 0) await jest.advanceTimersToNextTimerAsync()
  return asked.count > before ? Date.now() - began : Number.POSITIVE_INFINITY
}

beforeEach(() => {
  jest.useFakeTimers()
})
afterEach(() => {
  jest.useRealTimers()
})

test('one question is under way at a time: however often it is asked for, one follows, and its answer is the last', async () => {
  const asked = new Asked()
  for (let time = 0; time < 4; time++) void asked.inquiry.ask()
  expect(asked.count).toBe(1)
  await asked.answer()
  expect(asked.count).toBe(2)
  await asked.answer()
  expect([asked.count, asked.shown, asked.inquiry.busy]).toEqual([2, [1, 2], false])
})

test('who asks is told when the answer is there, also where there is none', async () => {
  const asked = new Asked()
  let told = 0
  const tell = () => told++
  void asked.inquiry.ask().then(tell)
  void asked.inquiry.ask().then(tell)
  await asked.answer()
  expect([asked.count, told]).toEqual([2, 0])
  await asked.fail(new CallError('No.', 'no', 404))
  expect(told).toBe(2)
})

test('what failed is asked for again, with a pause that grows to half a minute, until it is answered', async () => {
  const asked = new Asked()
  void asked.inquiry.ask()
  const pauses: number[] = []
  for (let time = 0; time < 7; time++) {
    await asked.fail(time % 2 ? new CallError('The service cannot be reached.', 'unreachable', 0) : undefined)
    pauses.push(await pauseOf(asked))
  }
  expect(pauses).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000])
  await asked.answer()
  expect(await pauseOf(asked)).toBe(Number.POSITIVE_INFINITY)
  void asked.inquiry.ask()
  await asked.fail()
  expect(await pauseOf(asked)).toBe(1_000)
})

test('a service that says when is asked no sooner', async () => {
  const asked = new Asked()
  void asked.inquiry.ask()
  await asked.fail(new CallError('Too many.', 'rate_limited', 429, undefined, [], 7))
  expect(await pauseOf(asked)).toBe(7_000)
})

test.each([400, 401, 403, 404, 409, 422])('a refusal with %d is not asked again', async (status) => {
  const asked = new Asked()
  void asked.inquiry.ask()
  await asked.fail(new CallError('No.', 'no', status))
  expect([await pauseOf(asked), asked.shown]).toEqual([Number.POSITIVE_INFINITY, [expect.any(CallError)]])
})

test('a change within the pause asks now, and the pause asks no more', async () => {
  const asked = new Asked()
  void asked.inquiry.ask()
  await asked.fail()
  void asked.inquiry.ask()
  expect(asked.count).toBe(2)
  await asked.answer()
  expect([await pauseOf(asked), asked.count]).toEqual([Number.POSITIVE_INFINITY, 2])
})

test('a change while a question fails asks once more, not twice', async () => {
  const asked = new Asked()
  void asked.inquiry.ask()
  void asked.inquiry.ask()
  await asked.fail()
  expect(asked.count).toBe(2)
  await asked.answer()
  expect([await pauseOf(asked), asked.count]).toEqual([Number.POSITIVE_INFINITY, 2])
})

test('a view that is left asks no more, and shows nothing that comes then', async () => {
  const [leaving, paused] = [new Asked(), new Asked()]
  void leaving.inquiry.ask()
  leaving.inquiry.leave()
  await leaving.answer()
  void leaving.inquiry.ask()
  void paused.inquiry.ask()
  await paused.fail()
  paused.inquiry.leave()
  expect(await pauseOf(paused)).toBe(Number.POSITIVE_INFINITY)
  expect([leaving.count, leaving.shown, paused.count]).toEqual([1, [], 1])
})
