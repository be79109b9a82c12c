import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import type { Lookup } from '../../src/delivery/egress-guard.js'
import { Sender } from '../../src/delivery/sender.js'
import { LOOPBACK } from './quick-settings.js'
import { type Receiver, startReceiver } from './receiver.js'
import { DELIVERY, SECRET as secret } from './sample-delivery.js'

let receiver: Receiver
let sender: Sender
const target = () => ({ url: receiver.url, secrets: [secret] })

beforeAll(async () => {
  receiver = await startReceiver()
  sender = new Sender({ version: '1.2.3', egress: LOOPBACK, timeoutMs: 500 })
})
beforeEach(() => {
  receiver.received.length = 0
  receiver.behave = () => ({})
})
afterAll(async () => {
  await sender.close()
  await receiver.close()
})

describe('the time of an attempt', () => {
  test('is its own, whatever else is under way', async () => {
    receiver.behave = () => undefined
    const first = sender.send(target(), DELIVERY)
    await sleep(200)
    const others = await Promise.all([first, sender.send(target(), DELIVERY), sender.send(target(), DELIVERY)])
    for (const sent of others) {
      expect(sent?.attempt.error).toBe('timeout')
      expect(sent?.attempt.durationMs).toBeGreaterThanOrEqual(490)
      // Not at the next round of a timer that the first one set.
      expect(sent?.attempt.durationMs).toBeLessThan(780)
    }
  })

  test('begins before there is a connection, and nothing is sent when that comes too late', async () => {
    const { sender: waiting, resolve } = waitingForName()
    const sent = await waiting.send(named(), DELIVERY)
    expect(sent).toMatchObject({ attempt: { status: null, error: 'timeout' } })
    expect(sent?.attempt.durationMs).toBeLessThan(2_000)
    resolve()
    expect(await waiting.send(named(), { ...DELIVERY, attempt: 4 })).toMatchObject({ attempt: { status: 200 } })
    expect(receiver.received.map(({ attempt }) => attempt)).toEqual([4])
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
  return { sender: new Sender({ version: '1.2.3', egress: LOOPBACK, timeoutMs: 500, lookup }), resolve }
}

describe('attempts that are broken off have no result', () => {
  test('while the answer is awaited', async () => {
    const slow = new Sender({ version: '1.2.3', egress: LOOPBACK })
    const arrived = new Promise<void>((resolve) => {
      receiver.behave = () => {
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
