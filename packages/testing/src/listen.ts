import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type Server as HttpServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo, Server } from 'node:net'

/** Below those that systems give to connections that go out, and to servers that ask for any. */
const [FIRST_PORT, LAST_PORT] = [10_000, 29_999]

/** Has a server listen on loopback, at a port that stays free while it is away if it names none. @returns its port */
export async function listen(server: Server, port?: number): Promise<number> {
  for (;;) {
    try {
      await once(server.listen(port ?? randomInt(FIRST_PORT, LAST_PORT + 1), '127.0.0.1'), 'listening')
      return (server.address() as AddressInfo).port
    } catch (error) {
      if (port !== undefined || (error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error
    }
  }
}

/** Stops a server as the end of its process would: what is under way is cut. */
export async function stop(server: HttpServer): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve))
  server.closeAllConnections()
  await closed
}

/** A port on which nothing listens, and which no system gives away. */
export async function freePort(): Promise<number> {
  const server = createServer()
  const port = await listen(server)
  await stop(server)
  return port
}

/** What speaks HTTP on loopback, in place of another party. */
export abstract class LoopbackServer {
  port = 0
  protected readonly server: HttpServer = createServer((request, response) => void this.handle(request, response))

  protected abstract handle(request: IncomingMessage, response: ServerResponse): unknown

  async listen(port?: number): Promise<this> {
    this.port = await listen(this.server, port)
    return this
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`
  }

  /** Closes every connection, whether or not it waits for an answer. */
  closeConnections(): void {
    this.server.closeAllConnections()
  }

  close(): Promise<void> {
    return stop(this.server)
  }
}
