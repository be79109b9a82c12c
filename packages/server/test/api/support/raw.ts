/** HTTP as no client library sends it. */

import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import type { Answer } from '@tract/testing/call'

/** A connection on which a test writes what it likes; the service closes it. */
export class RawConnection {
  readonly #socket: Socket
  readonly #closed: Promise<unknown>
  #text = ''

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.setEncoding('utf8')
    socket.on('data', (chunk: string) => {
      this.#text += chunk
    })
    // a reset after the answer takes nothing of it back
    this.#closed = new Promise((resolve) => socket.on('error', () => {}).on('close', resolve))
  }

  static async open(url: string): Promise<RawConnection> {
    const { hostname, port } = new URL(url)
    const socket = connect(Number(port), hostname)
    await once(socket, 'connect')
    return new RawConnection(socket)
  }

  write(data: string | Uint8Array): this {
    this.#socket.write(data)
    return this
  }

  /** Resolves when what was written is the kernel's, which hands it on in a piece of its own mostly. */
  async arrived(): Promise<void> {
    if (this.#socket.writableNeedDrain) await Promise.race([once(this.#socket, 'drain'), this.#closed])
    await new Promise(setImmediate)
  }

  /** Resolves when such a text has come. */
  async received(text: string): Promise<void> {
    while (!this.#text.includes(text)) await once(this.#socket, 'data')
  }

  /** The one answer that came. */
  async answer(): Promise<Answer> {
    await this.#closed
    return parsed(this.#text)
  }

  /** All that came, until the service closed the connection. */
  async answers(): Promise<Answer[]> {
    await this.#closed
    return this.#text.split(/(?=HTTP\/1\.1 \d)/).map(parsed)
  }
}

function parsed(received: string): Answer {
  const [head = '', ...rest] = received.split('\r\n\r\n')
  const [statusLine = '', ...lines] = head.split('\r\n')
  const headers = new Headers(lines.map((line) => line.split(/: (.*)/s, 2) as [string, string]))
  const text = rest.join('\r\n\r\n')
  return { status: Number(statusLine.split(' ')[1]), headers, text, body: text === '' ? undefined : JSON.parse(text) }
}

/** Does anybody take a new connection? */
export function isListening(url: string): Promise<boolean> {
  const { hostname, port } = new URL(url)
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname)
    socket.on('error', () => resolve(false))
    socket.on('connect', () => {
      resolve(true)
      socket.destroy()
    })
  })
}

/** One request, from its first line to its last byte. */
export async function rawCall(url: string, ...data: (string | Uint8Array)[]): Promise<Answer> {
  const connection = await RawConnection.open(url)
  for (const part of data) connection.write(part)
  return connection.answer()
}

/** The head of a request that ends its connection. */
export const head = (method: string, path: string, headers: Record<string, string> = {}): string =>
  [
    `${method} ${path} HTTP/1.1`,
    ...Object.entries({ host: 'localhost', connection: 'close', ...headers }).map(
      ([name, value]) => `${name}: ${value}`,
    ),
    '\r\n',
  ].join('\r\n')
