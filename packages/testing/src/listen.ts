import { once } from 'node:events'
import { createServer, type Server as HttpServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo, Server } from 'node:net'

/** Has a server listen on loopback. @returns its port */
export async function listen(server: Server, port = 0): Promise<number> {
  await once(server.listen(port, '127.0.0.1'), 'listening')
  return (server.address() as AddressInfo).port
}

/** Stops a server as the end of its process would: what is under way is cut. */
export async function stop(server: HttpServer): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve))
  server.closeAllConnections()
  await closed
}

/** A port on which nothing listens. */
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

  async listen(port = 0): Promise<this> {
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
