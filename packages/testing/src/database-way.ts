import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { listen } from './listen.js'

/**
 * - `cut`: connections are lost, and no new one is taken.
 * - `stall`: nothing goes through, in either direction.
 * - `lose_answers`: statements arrive, and answers do not. Then the connections are reset.
 */
type Mode = 'open' | 'cut' | 'stall' | 'lose_answers'

interface Options {
  /** How long what goes through is on its way, in both directions. */
  lateMs?: number
  onConnection?: (near: Socket) => void
}

/** The way from one process to the database, on which things go wrong. */
export class DatabaseWay {
  readonly #server: Server
  readonly #pairs = new Set<Pair>()
  #port = 0
  #mode: Mode = 'open'

  private constructor(
    private readonly target: () => string,
    { lateMs = 0, onConnection = () => {} }: Options,
  ) {
    this.#server = createServer((near) => {
      if (this.#mode === 'cut') return void near.destroy()
      const pair = new Pair(near, connect(addressOf(target())), lateMs)
      onConnection(near)
      this.#pairs.add(pair)
      near.on('close', () => this.#pairs.delete(pair))
      pair.turn(this.#mode)
    })
  }

  /** @param target the URL of the database at present */
  static async open(target: () => string, options: Options = {}): Promise<DatabaseWay> {
    const way = new DatabaseWay(target, options)
    way.#port = await listen(way.#server)
    return way
  }

  /** The database's URL by this way. */
  get url(): string {
    const url = new URL(this.target())
    url.search = ''
    url.hostname = '127.0.0.1'
    url.port = String(this.#port)
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
    lateMs: number,
  ) {
    const late = (act: () => unknown) => (lateMs > 0 ? setTimeout(act, lateMs) : act())
    for (const socket of [near, far]) socket.setNoDelay(true).on('error', () => {})
    near.on('data', (data) => late(() => far.write(data))).on('close', () => far.destroy())
    far.on('data', (data) => this.#losesAnswers || late(() => near.write(data)))
    far.on('close', () => this.#isGone || late(() => near.destroy()))
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
