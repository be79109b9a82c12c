import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'

/**
 * - `cut`: connections are lost, and no new one is taken.
 * - `stall`: nothing goes through, in either direction.
 * - `lose_answers`: statements arrive, and answers do not. Then the connections are reset.
 */
type Mode = 'open' | 'cut' | 'stall' | 'lose_answers'

/** The way from one process to the database, on which things go wrong. */
export class DatabaseWay {
  readonly #server: Server
  readonly #pairs = new Set<Pair>()
  #mode: Mode = 'open'

  /** @param target the URL of the database at present */
  private constructor(private readonly target: () => string) {
    this.#server = createServer((near) => {
      if (this.#mode === 'cut') return void near.destroy()
      const pair = new Pair(near, connect(addressOf(target())))
      this.#pairs.add(pair)
      near.on('close', () => this.#pairs.delete(pair))
      pair.turn(this.#mode)
    })
  }

  static async open(target: () => string): Promise<DatabaseWay> {
    const way = new DatabaseWay(target)
    await once(way.#server.listen(0, '127.0.0.1'), 'listening')
    return way
  }

  /** The database's URL by this way. */
  get url(): string {
    const url = new URL(this.target())
    url.search = ''
    url.hostname = '127.0.0.1'
    url.port = String((this.#server.address() as AddressInfo).port)
    return url.toString()
  }

  turn(mode: Mode): void {
    const resets = mode === 'cut' || this.#mode === 'lose_answers'
    this.#mode = mode
    for (const pair of this.#pairs) resets ? pair.reset() : pair.turn(mode)
  }

  /** Present connections end without a word to the process, as when a network is gone. */
  vanish(): void {
    for (const pair of this.#pairs) pair.vanish()
  }

  async close(): Promise<void> {
    this.turn('cut')
    this.#server.close()
    await once(this.#server, 'close')
  }
}

/** One connection: the process is near, the database far. */
class Pair {
  #losesAnswers = false
  #isGone = false

  constructor(
    private readonly near: Socket,
    private readonly far: Socket,
  ) {
    for (const socket of [near, far]) socket.setNoDelay(true).on('error', () => {})
    near.on('data', (data) => far.write(data)).on('close', () => far.destroy())
    far.on('data', (data) => this.#losesAnswers || near.write(data))
    far.on('close', () => this.#isGone || near.destroy())
  }

  turn(mode: Mode): void {
    this.#losesAnswers = mode === 'lose_answers'
    for (const socket of [this.near, this.far]) mode === 'stall' ? socket.pause() : socket.resume()
  }

  vanish(): void {
    this.#isGone = true
    this.far.destroy()
  }

  reset(): void {
    this.near.resetAndDestroy()
    this.far.destroy()
  }
}

function addressOf(text: string): { path: string } | { host: string; port: number } {
  const url = new URL(text)
  const port = Number(url.port || 5432)
  const folder = url.searchParams.get('host')
  return folder?.startsWith('/') ? { path: `${folder}/.s.PGSQL.${port}` } : { host: url.hostname, port }
}
