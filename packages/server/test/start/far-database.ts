/** A database that is far away: what goes to it, and what comes back, is on its way for so long. */
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { Transform } from 'node:stream'

export class FarDatabase {
  /** The first statement of each connection. */
  readonly firstStatements: string[] = []
  readonly #server: Server
  readonly #sockets = new Set<Socket>()

  private constructor(
    private readonly target: URL,
    private readonly delayMs: number,
  ) {
    this.#server = createServer((near) => this.#join(near))
  }

  static async at(databaseUrl: string, delayMs: number): Promise<FarDatabase> {
    const far = new FarDatabase(new URL(databaseUrl), delayMs)
    await once(far.#server.listen(0, '127.0.0.1'), 'listening')
    return far
  }

  get url(): string {
    const { port } = this.#server.address() as AddressInfo
    return `postgresql://${this.target.username}@127.0.0.1:${port}${this.target.pathname}`
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  #join(near: Socket): void {
    const { target } = this
    const far = connect(`${target.searchParams.get('host')}/.s.PGSQL.${target.port || 5432}`)
    for (const socket of [near, far]) {
      this.#sockets.add(socket)
      socket.on('error', () => {}).on('close', () => this.#sockets.delete(socket))
    }
    this.#noteFirstStatement(near)
    near.on('close', () => far.destroy())
    far.on('close', () => near.destroy())
    near.pipe(late(this.delayMs)).pipe(far)
    far.pipe(late(this.delayMs)).pipe(near)
  }

  /** A simple query is a `Q`, its length, and its text. */
  #noteFirstStatement(near: Socket): void {
    const look = (chunk: Buffer) => {
      if (!['Q', 'P'].includes(String.fromCharCode(chunk[0] ?? 0))) return
      this.firstStatements.push(chunk.toString('utf8', 5))
      near.off('data', look)
    }
    near.on('data', look)
  }
}

/** Hands on what comes in after a while, in order, and however much is on the way. */
function late(delayMs: number): Transform {
  return new Transform({
    highWaterMark: 1 << 24,
    transform(chunk, _encoding, done) {
      setTimeout(() => this.push(chunk), delayMs)
      done()
    },
    flush(done) {
      setTimeout(done, delayMs)
    },
  })
}
