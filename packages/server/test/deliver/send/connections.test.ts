import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { Receiver } from '@tract/testing/receiver'
import { until } from '@tract/testing/until'
import { Connections } from '../../../src/deliver/send/connections.js'
import { guardedConnector } from '../../../src/deliver/send/egress-guard.js'
import { Sender } from '../../../src/deliver/send/sender.js'
import { HASTY_TIMEOUT_MS, LOOPBACK, PATIENT_TIMEOUT_MS } from '../quick-settings.js'
import { DELIVERY, SECRET as secret } from '../sample-delivery.js'

let receiver: Receiver
let sender: Sender
/** The connections that attempts came by, each by its port. */
let ports: (number | undefined)[]
const target = () => ({ url: receiver.url, secrets: [secret] })

beforeEach(async () => {
  ports = []
  receiver = await Receiver.start()
  receiver.answer = (_request, response) => {
    ports.push(response.socket?.remotePort)
    return {}
  }
  sender = new Sender({ version: '1.2.3', egress: LOOPBACK, timeoutMs: PATIENT_TIMEOUT_MS })
})
afterEach(async () => {
  await sender.close()
  await receiver.close()
})

test('one that is open already is taken', async () => {
  const several = async () => {
    for (let each = 0; each < 20; each++) await sender.send(target(), DELIVERY)
  }
  await Promise.all(Array.from({ length: 4 }, several))
  expect(ports).toHaveLength(80)
  expect(new Set(ports).size).toBeLessThanOrEqual(4)
})

test('one whose answer was not waited for is not taken for the next attempt', async () => {
  const hasty = new Sender({ version: '1.2.3', egress: LOOPBACK, timeoutMs: HASTY_TIMEOUT_MS })
  let late: () => void = () => {}
  const byPort = new Map<number, number | undefined>()
  receiver.answer = ({ attempt }, response) => {
    byPort.set(attempt, response.socket?.remotePort)
    if (attempt > 3) return {}
    late = () => response.end('{"success":false}')
    return undefined
  }
  expect(await hasty.send(target(), DELIVERY)).toMatchObject({ attempt: { error: 'timeout' } })
  late()
  // on a busy machine another one may be out of time as well
  let attempt = 3
  await until(async () => {
    const sent = await hasty.send(target(), { ...DELIVERY, attemptNumber: ++attempt })
    if (sent?.attempt.error === 'timeout') return false
    expect(sent).toMatchObject({ verdict: { kind: 'acknowledged' }, attempt: { error: null } })
    return true
  }, 'one that is answered')
  await hasty.close()
  expect(byPort.get(attempt)).not.toBe(byPort.get(3))
})

test('one that the receiver closes after its answer is followed by another', async () => {
  receiver.answer = (_request, response) => {
    ports.push(response.socket?.remotePort)
    return { headers: { connection: 'close' } }
  }
  const sent = []
  for (let each = 0; each < 5; each++) sent.push(await sender.send(target(), DELIVERY))
  for (const one of sent) expect(one).toMatchObject({ attempt: { status: 200, error: null } })
  expect(new Set(ports).size).toBe(5)
})

test('one that the receiver closes while nobody needs it is forgotten', async () => {
  const { origin } = new URL(receiver.url)
  const connections = new Connections(guardedConnector(LOOPBACK))
  const first = connections.acquire(origin)
  await first.request({ path: '/hook', method: 'POST', body: '{}' }).then(({ body }) => body.dump())
  connections.release(origin, first)
  expect(connections.acquire(origin)).toBe(first)
  connections.release(origin, first)
  receiver.closeConnections()
  await until(() => first.destroyed, 'it is forgotten')
  const second = connections.acquire(origin)
  expect(second).not.toBe(first)
  connections.drop(origin, second)
  await connections.close()
})
