/** The way from a service to its database, which a test can cut. */
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'

export class DatabaseProxy {
  #target: { path: string } | { host: string; port: number } = { path: '' }
  #server: Server | undefined
  #port = 0
  readonly #sockets = new Set<Socket>()

  /** The URL by which the same database is reached through here. */
  async route(databaseUrl: string): Promise<string> {
    const url = new URL(databaseUrl)
    const port = Number(url.port || 5432)
    const folder = url.searchParams.get('host')
    this.#target = folder?.startsWith('/') ? { path: `${folder}/.s.PGSQL.${port}` } : { host: url.hostname, port }
    await this.open()
    url.search = ''
    url.hostname = '127.0.0.1'
    url.port = String(this.#port)
    return url.toString()
  }

  /** Connections are refused from now on, and those that there were are lost. */
  async cut(): Promise<void> {
    const server = this.#server
    this.#server = undefined
    for (const socket of this.#sockets) socket.destroy()
    if (server?.close()) await once(server, 'close')
  }

  /** Nothing more comes through the open connections, and neither side is told. */
  silence(): void {
    for (const socket of this.#sockets) socket.unpipe().removeAllListeners('data').resume()
  }

  async open(): Promise<void> {
    this.#server = createServer((near) => {
      const far = connect(this.#target as { path: string })
      for (const socket of [near, far]) {
        this.#sockets.add(socket)
        socket.on('error', () => {}).on('close', () => this.#sockets.delete(socket))
      }
      near.on('close', () => far.destroy()).pipe(far)
      far.on('close', () => near.destroy()).pipe(near)
    })
    await once(this.#server.listen(this.#port, '127.0.0.1'), 'listening')
    this.#port = (this.#server.address() as AddressInfo).port
  }
}
