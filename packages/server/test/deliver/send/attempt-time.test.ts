import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { Receiver } from '@tract/testing/receiver'
import { until } from '@tract/testing/until'
import type { Lookup } from '../../../src/deliver/send/egress-guard.js'
import { Sender } from '../../../src/deliver/send/sender.js'
import { HASTY_TIMEOUT_MS, LOOPBACK } from '../quick-settings.js'
import { DELIVERY, SECRET as secret } from '../sample-delivery.js'

/** They begin one after another, when the last has arrived: together they take a fifth of the limit. */
const ATTEMPTS = 20

let receiver: Receiver
let sender: Sender
const target = () => ({ url: receiver.url, secrets: [secret] })

beforeAll(async () => {
  receiver = await Receiver.start()
  sender = new Sender({ version: '1.2.3', egress: LOOPBACK, timeoutMs: HASTY_TIMEOUT_MS })
})
beforeEach(() => {
  receiver.received.length = 0
  receiver.answer = () => ({})
})
afterAll(async () => {
  await sender.close()
  await receiver.close()
})

describe('the time of an attempt', () => {
  test('is its own, whatever else is under way', async () => {
    receiver.answer = () => undefined
    // A timer of an attempt's own is late by what the machine is late; one that another attempt set, always.
    await until(async () => {
      const before = receiver.received.length
      const sent = []
      for (let begun = 1; begun <= ATTEMPTS; begun++) {
        sent.push(sender.send(target(), DELIVERY))
        await until(() => receiver.received.length === before + begun, 'the arrival of an attempt')
      }
      const durations = (await Promise.all(sent)).map((each) => {
        expect(each?.attempt.error).toBe('timeout')
        return each?.attempt.durationMs ?? Infinity
      })
      for (const each of durations) expect(each).toBeGreaterThanOrEqual(HASTY_TIMEOUT_MS - 10)
      // Not at the next round of a timer that the first one set.
      return durations.every((each) => each < HASTY_TIMEOUT_MS * 1.5)
    }, 'attempts that end in their own time')
  })

  test('begins before there is a connection, and nothing is sent when that comes too late', async () => {
    const { sender: waiting, resolve } = waitingForName()
    const sent = await waiting.send(named(), DELIVERY)
    expect(sent).toMatchObject({ attempt: { status: null, error: 'timeout' } })
    resolve()
    let attempt = 3
    await until(async () => {
      const next = await waiting.send(named(), { ...DELIVERY, attemptNumber: ++attempt })
      return next?.attempt.status === 200
    }, 'an attempt in time')
    expect(receiver.received.map((request) => request.attempt)).not.toContain(3)
    expect(receiver.received.at(-1)?.attempt).toBe(attempt)
    await waiting.close()
  })
})

/** A host that only `waitingForName` knows. */
const named = () => ({ url: `http://hooks.example.com:${receiver.port}/hook`, secrets: [secret] })

/** A sender for which names do not resolve until they are told to. */
function waitingForName(): { sender: Sender; resolve: () => void } {
  let resolve = () => {}
  const told = new Promise<void>((done) => {
    resolve = done
  })
  const lookup: Lookup = (_host, _options, done) => {
    void told.then(() => done(null, [{ address: '127.0.0.1', family: 4 }]))
  }
  return { sender: new Sender({ version: '1.2.3', egress: LOOPBACK, timeoutMs: HASTY_TIMEOUT_MS, lookup }), resolve }
}

describe('attempts that are broken off have no result', () => {
  test('while the answer is awaited', async () => {
    const slow = new Sender({ version: '1.2.3', egress: LOOPBACK })
    const arrived = new Promise<void>((resolve) => {
      receiver.answer = () => {
        resolve()
        return undefined
      }
    })
    const sent = slow.send(target(), DELIVERY)
    await arrived
    expect(slow.attemptsUnderWay).toBe(1)
    slow.abandonAll()
    expect(slow.attemptsUnderWay).toBe(0)
    expect(await sent).toBeNull()
    await slow.close()
  })

  test('while there is no connection yet', async () => {
    const { sender: waiting } = waitingForName()
    const sent = [waiting.send(named(), DELIVERY), waiting.send(named(), DELIVERY)]
    waiting.abandonAll()
    expect(await Promise.all(sent)).toEqual([null, null])
    await waiting.close()
  })

  test('and are not begun once it is closed', async () => {
    const closed = new Sender({ version: '1.2.3', egress: LOOPBACK })
    await closed.close()
    expect(await closed.send(target(), DELIVERY)).toBeNull()
    expect(receiver.received).toEqual([])
  })
})
