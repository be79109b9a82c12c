/** How many calls are let in, by a clock of the test's own. */
import { describe, expect, test } from '@jest/globals'
import { Admission, type AdmissionSettings } from '../../src/api/admission.js'

/** A service that ends this many calls a second, one after the other, each after `alone` milliseconds at least. */
class Simulated {
  readonly admission: Admission
  now = 0
  perSecond: number
  alone: number
  refused = 0
  /** How long each took that was let in. */
  took: number[] = []
  #waiting: number[] = []
  #owed = 0
  #due = 0

  constructor(perSecond: number, alone = 2, settings: Partial<AdmissionSettings> = {}) {
    this.perSecond = perSecond
    this.alone = alone
    this.admission = new Admission(settings, 0)
  }

  /** @param offered calls a second */
  run(milliseconds: number, offered: number): void {
    for (const end = this.now + milliseconds; this.now < end; this.now++) {
      for (this.#due += offered / 1_000; this.#due >= 1; this.#due--) this.arrive()
      this.#owed = Math.min(this.#owed + this.perSecond / 1_000, Math.max(1, this.perSecond / 1_000))
      while (this.now - (this.#waiting[0] ?? this.now) > this.alone + 600) {
        // as what is behind the admission does with what waited too long
        this.#waiting.shift()
        this.refused++
        this.admission.leave('too_late')
      }
      while (this.#owed >= 1 && this.#waiting[0] !== undefined && this.now - this.#waiting[0] >= this.alone) {
        const took = this.now - (this.#waiting.shift() as number)
        this.#owed--
        this.took.push(took)
        this.admission.leave(took)
      }
    }
  }

  arrive(): void {
    if (this.admission.enter(this.now)) this.#waiting.push(this.now)
    else this.refused++
  }

  forget(): void {
    this.refused = 0
    this.took = []
  }
}

const p99 = (values: number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length * 0.99)] as number

describe.each([50, 500, 5_000])('where %d calls can be done in a second', (rate) => {
  test('all are let in while no more come', () => {
    const service = new Simulated(rate)
    service.run(20_000, rate * 0.9)
    expect(service.refused).toBe(0)
  })

  test.each([1.2, 2, 4, 20])(
    '%d times as many are answered in time or refused, and as many done as can be',
    (times) => {
      const service = new Simulated(rate)
      service.run(10_000, rate * times)
      service.forget()
      service.run(20_000, rate * times)
      expect(p99(service.took)).toBeLessThan(800)
      expect(service.took.length / 20).toBeGreaterThan(0.95 * rate)
      expect(service.refused / 20).toBeGreaterThan(0.9 * rate * (times - 1))
    },
  )

  test('a burst to a service that was idle is let in', () => {
    const service = new Simulated(rate)
    service.run(5_000, rate * 2)
    service.run(5_000, rate / 10)
    service.forget()
    for (let calls = 0; calls < rate / 10; calls++) service.arrive()
    service.run(1_000, 0)
    expect(service.refused).toBe(0)
  })

  test('what stands still is filled by a few only, and is used in full as soon as it goes on', () => {
    const service = new Simulated(rate)
    service.run(5_000, rate * 2)
    service.perSecond = 0
    service.run(10_000, rate * 2)
    expect(service.admission.limit).toBe(16)
    service.perSecond = rate
    service.run(3_000, rate * 2)
    service.forget()
    service.run(5_000, rate * 2)
    expect(service.took.length / 5).toBeGreaterThan(0.95 * rate)
  })
})

test('a database far away is no queue', () => {
  const service = new Simulated(500, 900)
  service.run(10_000, 5)
  service.forget()
  service.run(20_000, 400)
  expect(service.refused).toBe(0)
  service.run(20_000, 2_000)
  expect(p99(service.took)).toBeLessThan(2_000)
})

test('a database far away is no queue, though many come from the start', () => {
  const service = new Simulated(500, 900)
  service.run(20_000, 400)
  service.forget()
  service.run(20_000, 400)
  expect(service.took.length / 20).toBeGreaterThan(380)
})

test('what waits for something else takes no place, and tells nothing of the service', () => {
  const admission = new Admission({ least: 1, most: 1 }, 0)
  expect(admission.enter(0)).toBe(true)
  expect(admission.enter(0)).toBe(false)
  admission.leave(undefined)
  expect(admission.enter(30_000)).toBe(true)
  expect(admission.underWay).toBe(1)
})

test('what comes too late to be begun is too much, though nothing else is slow', () => {
  const admission = new Admission({}, 0)
  const before = admission.limit
  for (let call = 0; call < 100; call++) admission.enter(0)
  for (let call = 0; call < 50; call++) admission.leave(1)
  for (let call = 0; call < 50; call++) admission.leave('too_late')
  admission.enter(100)
  expect(admission.limit).toBeLessThan(before)
})

test('the more are refused for one that is done, the longer their connections rest', () => {
  const rests = [0, 1, 2, 3, 20].map((refusedForOne) => {
    const admission = new Admission({ least: 50, most: 50 }, 0)
    for (let call = 0; call < 50 * (1 + refusedForOne); call++) admission.enter(0)
    for (let call = 0; call < 50; call++) admission.leave(1)
    admission.enter(100)
    return admission.rest
  })
  expect(rests).toEqual([0, 200, 400, 600, 600])
})
