/** Senders for suites, and a receiver that they send to. */
import { createServer, type Server, type Socket } from 'node:net'
import { afterAll, beforeAll, beforeEach } from '@jest/globals'
import { listen } from '@tract/testing/listen'
import { Receiver } from '@tract/testing/receiver'
import { Sender } from '../../../src/deliver/send/sender.js'
import { HASTY_TIMEOUT_MS, LOOPBACK, PATIENT_TIMEOUT_MS } from '../quick-settings.js'
import { SECRET as secret } from '../sample-delivery.js'

export let receiver: Receiver
export let sender: Sender
/** For what is never answered in full. */
export let hasty: Sender
export const target = (path = '') => ({ url: receiver.url + path, secrets: [secret] })

/** A server that does with each connection as it is told. */
export async function raw(react: (socket: Socket) => void): Promise<{ url: string }> {
  const server = createServer((socket) => {
    socket.on('error', () => {})
    react(socket)
  })
  servers.push(server)
  return { url: `http://127.0.0.1:${await listen(server)}/` }
}
const servers: Server[] = []

export function useSender(): void {
  beforeAll(async () => {
    receiver = await Receiver.start()
    sender = new Sender({ version: '1.2.3', egress: LOOPBACK, timeoutMs: PATIENT_TIMEOUT_MS })
    hasty = new Sender({ version: '1.2.3', egress: LOOPBACK, timeoutMs: HASTY_TIMEOUT_MS })
  })
  beforeEach(() => {
    receiver.received.length = 0
    receiver.answer = () => ({})
  })
  afterAll(async () => {
    await sender.close()
    await hasty.close()
    await receiver.close()
  })
  afterAll(() => {
    for (const server of servers) server.close()
  })
}
