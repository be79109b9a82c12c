import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** One request as the receiver saw it. */
export interface Received {
  path: string
  headers: IncomingHttpHeaders
  body: string
  id: string
  sequence: number
  attempt: number
  /** Milliseconds since 1970. */
  at: number
}

export interface Answer {
  status?: number
  headers?: Record<string, string>
  body?: string
}

/** What the receiver does with a request: an answer, or whatever it does with the connection itself. */
export type Behaviour = (
  request: Received,
  response: ServerResponse,
) => Answer | undefined | Promise<Answer | undefined>

export interface Receiver {
  url: string
  port: number
  received: Received[]
  /** How many requests are being answered. */
  underWay: number
  mostUnderWay: number
  behave: Behaviour
  /** Closes every connection, whether or not it waits for an answer. */
  closeConnections(): void
  close(): Promise<void>
}

/** A listener's endpoint on loopback. It acknowledges everything unless told otherwise. */
export async function startReceiver(behave: Behaviour = () => ({}), port = 0): Promise<Receiver> {
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    const { headers } = request
    const seen: Received = {
      path: request.url ?? '',
      headers,
      body,
      id: String(headers['webhook-id']),
      sequence: Number(headers['tract-sequence']),
      attempt: Number(headers['tract-attempt']),
      at: Date.now(),
    }
    receiver.received.push(seen)
    receiver.mostUnderWay = Math.max(receiver.mostUnderWay, ++receiver.underWay)
    const answer = await receiver.behave(seen, response)
    receiver.underWay--
    if (answer === undefined) return
    response.writeHead(answer.status ?? 200, answer.headers)
    response.end(answer.body ?? '{"success":true}')
  })
  server.on('error', () => {})
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  const address = server.address() as AddressInfo
  const receiver: Receiver = {
    url: `http://127.0.0.1:${address.port}/hook`,
    port: address.port,
    received: [],
    underWay: 0,
    mostUnderWay: 0,
    behave,
    closeConnections: () => server.closeAllConnections(),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
  return receiver
}
